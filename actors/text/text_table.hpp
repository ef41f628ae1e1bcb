#pragma once

#include <string>
#include <vector>

namespace reflector {

/// Columns of text, two spaces apart, each as wide as its widest cell (in characters, each of which
/// is taken for one place wide). Cells are printable already.
class text_table {
 public:
  enum class aligned { left, right };
  struct column {
    std::string title;
    aligned side = aligned::left;
  };

  explicit text_table(std::vector<column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns.
  void add(std::vector<std::string> cells) { lines_.push_back({std::move(cells), {}}); }
  /// A line of its own between the rows, as it is.
  void remark(std::string text) { lines_.push_back({{}, std::move(text)}); }

  /// The titles, then a line a row; no space at the end of a line.
  std::string text() const;

 private:
  struct line {
    std::vector<std::string> cells;  ///< empty: `remark`
    std::string remark;
  };

  std::vector<column> columns_;
  std::vector<line> lines_;
};

}  // namespace reflector
