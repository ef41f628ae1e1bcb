#include "actors/cli/spool_dead_letters.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/json_for_people.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <ostream>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace reflector {
namespace {

constexpr std::size_t longest_answer = 300;  // characters, for a person

std::string as_text(const kept_dead_letter& letter, wall_time now) {
  std::string text = printable(utf8_head(letter.endpoint, 64)) + ' ' +
                     std::to_string(letter.sequence) + ", " + utc_text(letter.at) + " (" +
                     age_in_words(now - letter.at) + "), ";
  text += letter.json.empty() ? "DAMAGED: it does not match its checksum"
                              : bytes_in_words(letter.json.size());
  return text + "\n  HTTP " + std::to_string(letter.status) + ' ' +
         reflector::quoted(letter.answer, longest_answer) + '\n';
}

std::string as_json(const kept_dead_letter& letter) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> out{buffer};
  const auto text = [&](const char* name, const std::string& value) {
    const std::string valid = with_valid_utf8(value);
    out.Key(name);
    out.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  };
  out.StartObject();
  text("endpoint", letter.endpoint);
  out.Key("sequence");
  out.Uint64(letter.sequence);
  text("set_aside", utc_text(letter.at));
  out.Key("status");
  out.Int(letter.status);
  text("answer", letter.answer);
  out.Key("bytes");
  out.Uint64(letter.json.size());
  out.Key("damaged");
  out.Bool(letter.json.empty());
  out.EndObject();
  return json_for_terminal({buffer.GetString(), buffer.GetSize()}) + '\n';
}

int show(const std::vector<kept_dead_letter>& letters, std::uint64_t sequence, std::ostream& out,
         std::ostream& err) {
  const auto found = std::find_if(letters.begin(), letters.end(), [&](const auto& each) {
    return each.sequence == sequence && !each.json.empty();
  });
  if (found == letters.end())
    return refuse(err,
                  "sample " + std::to_string(sequence) + " is no dead letter that can be read");
  const auto text = indented_json(found->json);
  if (!text) return refuse(err, text.error().text);
  out << *text;
  return out.flush() ? exit_success : exit_failure;
}

int remove(const spool_inspection& spool, const std::string& endpoint,
           const std::vector<kept_dead_letter>& letters, std::ostream& out, std::ostream& err) {
  auto file = dead_letter_database::open_existing(spool.dead_letters_path());
  if (!file) return refuse(err, file.error().text);
  std::uint64_t removed = 0;
  for (const auto& each : letters) {
    if (!*file) break;
    if (const auto gone = (*file)->remove(each.id); !gone) return refuse(err, gone.error().text);
    ++removed;
  }
  out << counted(removed, "dead letter") << " of " << reflector::quoted(endpoint) << " removed\n";
  return exit_success;
}

}  // namespace

int spool_dead_letters(const spool_place& place, const dead_letters_request& request, wall_time now,
                       std::ostream& out, std::ostream& err) {
  int code = exit_success;
  const auto spool = inspect(place, err, code);
  if (!spool) return code;
  const auto letters = spool->dead_letters(request.endpoint);
  if (!letters) return refuse(err, letters.error().text);
  if (request.show) return show(*letters, *request.show, out, err);
  if (request.remove) return remove(*spool, request.endpoint, *letters, out, err);
  for (const auto& each : *letters) {
    out << (request.as_json ? as_json(each) : as_text(each, now));
    if (each.json.empty()) code = exit_failure;
  }
  if (letters->empty() && !request.as_json)
    out << "no dead letters"
        << (request.endpoint.empty() ? std::string{} : " of " + reflector::quoted(request.endpoint))
        << '\n';
  return out.flush() ? code : exit_failure;
}

}  // namespace reflector
