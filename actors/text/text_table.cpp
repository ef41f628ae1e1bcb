#include "actors/text/text_table.hpp"

#include "actors/text/utf8.hpp"

#include <algorithm>

namespace reflector {
namespace {

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text).length);
  return count;
}

}  // namespace

std::string text_table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& each : columns_) widths.push_back(characters(each.title));
  for (const auto& row : lines_)
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      widths[i] = std::max(widths[i], characters(row.cells[i]));

  std::string out;
  const auto write = [&](std::size_t i, const std::string& cell) {
    const std::string padding(widths[i] - characters(cell), ' ');
    if (i > 0) out += "  ";
    out += columns_[i].side == aligned::right ? padding + cell : cell + padding;
  };
  const auto end_line = [&] {
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) write(i, columns_[i].title);
  end_line();
  for (const auto& row : lines_) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) write(i, row.cells[i]);
    out += row.remark;
    end_line();
  }
  return out;
}

}  // namespace reflector
