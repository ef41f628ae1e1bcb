#pragma once

#include "actors/command/process_launcher.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/types.h>

namespace reflector {

/// What is remembered of a stream of any length: its first and last bytes, its length and its
/// SHA-256. In at most twice the memory of what it keeps.
class output_record {
 public:
  /// @param keep bytes: half of them from the beginning, the other half from the end
  explicit output_record(std::size_t keep);
  output_record(output_record&&) noexcept;
  output_record& operator=(output_record&&) noexcept;
  ~output_record();

  void append(std::string_view bytes);

  /// Once. An all-zero digest where the library has no SHA-256.
  process_stream take();

 private:
  struct free_digest {
    void operator()(EVP_MD_CTX* digest) const;
  };

  void append_to_tail(std::string_view bytes);
  void trim_tail_to(std::size_t size);

  std::size_t head_keep_, tail_keep_;
  process_stream stream_;
  std::unique_ptr<EVP_MD_CTX, free_digest> digest_;  ///< null: there is none
};

}  // namespace reflector
