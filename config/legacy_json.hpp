#pragma once

#include "config/document.hpp"
#include "config/document_reader.hpp"

namespace reflector {

/// Reads the config.json of the agent before this one. What it accepted is accepted: `null` is an
/// absent key, numbers may be written as strings, unknown keys only bring a warning. It had no
/// policy and ran what the queue said, so command_endpoint becomes policy "any"; state_dir is
/// "state" beside the file. The one key that it did not have is "allow_root_over_http".
reading_of_document read_legacy_document(const document_node::table& root);

}  // namespace reflector
