#include "actors/cli/describe_endpoint.hpp"

#include "actors/text/quoted.hpp"
#include "config/byte_size.hpp"
#include "config/duration.hpp"
#include "config/endpoint_schema.hpp"

#include <optional>
#include <vector>

namespace reflector {
namespace {

std::string listed(const std::vector<std::string>& names, std::string_view between) {
  std::string text;
  for (const auto& name : names) text.append(text.empty() ? "" : between).append(printable(name));
  return text;
}

std::string pace(const std::optional<std::chrono::milliseconds>& every) {
  return every ? "a sample every " + format_duration(*every) : "every sample";
}

std::string selected(const selection_config& selection) {
  std::string text;
  if (!selection.only.empty()) text += ", only " + listed(selection.only, " ");
  if (!selection.except.empty()) text += ", without " + listed(selection.except, " ");
  if (!selection.tags.empty() || !selection.drop_tags.empty()) text += ", tags of its own";
  return text;
}

std::string packed(const endpoint_config& endpoint) {
  if (endpoint.kind == endpoint_kind::prometheus) return "snappy";
  switch (endpoint.compression) {
    case compression::none:
      return "uncompressed";
    case compression::gzip:
      return "gzip";
    case compression::zstd:
      return "zstd";
  }
  return "?";
}

std::string credentials_of(const credentials_config& credentials) {
  std::string text;
  if (!credentials.token_file.empty()) text += ", token of a file";
  if (!credentials.token_env.empty()) text += ", token of the environment";
  if (!credentials.username.empty()) text += ", user name and password";
  if (!credentials.client_cert_file.empty()) text += ", client certificate";
  return text;
}

std::string place_of(const endpoint_config& endpoint) {
  if (endpoint.kind != endpoint_kind::file)
    return std::string{word_of(endpoint.kind)} + " at " + printable(endpoint.url);
  if (endpoint.path == "-") return "standard output";
  return "file " + printable(endpoint.path) + " (" + format_byte_size(endpoint.max_bytes) + " x " +
         std::to_string(endpoint.backup_count + 1) + ")";
}

}  // namespace

std::string describe_endpoint(const endpoint_config& endpoint) {
  auto text = "endpoint " + printable(endpoint.name) + ": " + place_of(endpoint) + ", " +
              (endpoint.group.empty() ? pace(endpoint.every)
                                      : "what group " + printable(endpoint.group) + " gives it") +
              selected(endpoint.selection);
  if (endpoint.kind == endpoint_kind::file) return text + (endpoint.fsync ? ", fsync" : "");
  return text + ", " + packed(endpoint) + ", at most " +
         std::to_string(endpoint.max_batch_samples) + " samples a request" +
         credentials_of(endpoint.credentials);
}

std::string describe_group(const group_config& group, const configuration& config) {
  std::vector<std::string> members;
  for (const auto& endpoint : config.endpoints)
    if (endpoint.group == group.name) members.push_back(endpoint.name);
  const auto order = group.mode == group_mode::failover
                         ? "failover, first " + listed(members, ", then ")
                         : "balance, in an order by the host's name over " + listed(members, ", ");
  return "group " + printable(group.name) + ": " + order + "; back after " +
         format_duration(group.return_after) + (group.every ? "; " + pace(group.every) : "");
}

}  // namespace reflector
