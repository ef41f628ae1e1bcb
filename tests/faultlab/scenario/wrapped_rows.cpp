#include "tests/faultlab/scenario/wrapped_rows.hpp"

#include "actors/text/text_table.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <sstream>

namespace reflector::faultlab {
namespace {

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text).length);
  return count;
}

std::vector<std::string> broken(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::istringstream words{text};
  for (std::string word; words >> word;) {
    if (lines.back().empty())
      lines.back() = word;
    else if (characters(lines.back()) + 1 + characters(word) <= width)
      lines.back() += ' ' + word;
    else
      lines.push_back(word);
  }
  return lines;
}

}  // namespace

std::string wrapped_rows(const std::vector<std::string>& titles,
                         const std::vector<std::vector<std::string>>& rows, std::size_t width) {
  std::vector<text_table::column> columns;
  for (const auto& title : titles) columns.push_back({title});
  std::size_t before = 0;
  for (std::size_t i = 0; i + 1 < titles.size(); ++i) {
    auto widest = characters(titles[i]);
    for (const auto& row : rows) widest = std::max(widest, characters(row[i]));
    before += widest + 2;
  }
  text_table table{std::move(columns)};
  for (auto row : rows) {
    for (auto& line : broken(row.back(), std::max<std::size_t>(width, before + 20) - before)) {
      row.back() = std::move(line);
      table.add(row);
      std::fill(row.begin(), row.end(), std::string{});
    }
  }
  return table.text();
}

}  // namespace reflector::faultlab
