#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace reflector {

/// As much of HTTP/1.1 as the status needs: a request's head in, all of the answer out. GET and
/// HEAD of /status are answered with the document; else 404, 405, and 400 to what is no HTTP.
/// Beast does this too, for 0.5 MB of code, most of it resident.
/// @param head up to its empty line, or what there is of it
/// @param document JSON, asked for where it is needed
std::string status_page(std::string_view head, const std::function<std::string()>& document);

}  // namespace reflector
