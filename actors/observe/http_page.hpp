#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace reflector {

struct http_document {
  std::string type;  ///< its Content-Type
  std::string body;
};

/// As much of HTTP/1.1 as one document needs: a request's head in, all of the answer out. GET and
/// HEAD of `target` are answered with the document; else 404, 405, and 400 to what is no HTTP.
/// Beast does this too, for 0.5 MB of code, most of it resident.
/// @param head up to its empty line, or what there is of it
/// @param document asked for where it is needed, with the request's Accept, empty where it has none
std::string http_page(std::string_view head, std::string_view target,
                      const std::function<http_document(std::string_view accept)>& document);

}  // namespace reflector
