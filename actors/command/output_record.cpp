#include "actors/command/output_record.hpp"

#include <algorithm>
#include <utility>

#include <openssl/evp.h>

namespace reflector {

void output_record::free_digest::operator()(EVP_MD_CTX* digest) const {
  EVP_MD_CTX_free(digest);
}

output_record::output_record(std::size_t keep)
    : head_keep_{keep - keep / 2}, tail_keep_{keep / 2}, digest_{EVP_MD_CTX_new()} {
  if (digest_ && EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr) != 1) digest_.reset();
}

output_record::output_record(output_record&&) noexcept = default;
output_record& output_record::operator=(output_record&&) noexcept = default;
output_record::~output_record() = default;

void output_record::append(std::string_view bytes) {
  stream_.bytes += bytes.size();
  if (digest_ && EVP_DigestUpdate(digest_.get(), bytes.data(), bytes.size()) != 1) digest_.reset();
  const auto to_head = std::min(bytes.size(), head_keep_ - stream_.head.size());
  stream_.head.append(bytes.substr(0, to_head));
  append_to_tail(bytes.substr(to_head));
}

void output_record::append_to_tail(std::string_view bytes) {
  if (bytes.size() >= tail_keep_) {
    stream_.tail.assign(bytes.substr(bytes.size() - tail_keep_));
    return;
  }
  if (stream_.tail.size() + bytes.size() > 2 * tail_keep_) trim_tail_to(tail_keep_ - bytes.size());
  stream_.tail += bytes;
}

void output_record::trim_tail_to(std::size_t size) {
  if (stream_.tail.size() > size) stream_.tail.erase(0, stream_.tail.size() - size);
}

process_stream output_record::take() {
  trim_tail_to(tail_keep_);
  if (stream_.bytes == stream_.head.size() + stream_.tail.size()) {
    stream_.head += stream_.tail;
    stream_.tail.clear();
  }
  unsigned length = 0;
  if (digest_ && EVP_DigestFinal_ex(digest_.get(), stream_.sha256.data(), &length) != 1)
    stream_.sha256.fill(0);
  return std::move(stream_);
}

}  // namespace reflector
