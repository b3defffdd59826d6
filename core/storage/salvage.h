// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: table files that a database lost track of.
//
// RocksDB deletes table files that its manifest does not name. A manifest that was
// cut off names too few, and looks whole when the cut fell between two records. So
// that nothing is deleted with it, all table files get a second name before the
// database is opened, and those it turns out not to know are read back.
#ifndef WIREPAS_GRPC_CORE_STORAGE_SALVAGE_H_
#define WIREPAS_GRPC_CORE_STORAGE_SALVAGE_H_

#include <string>

#include "core/storage/database_impl.h"

namespace wirepas_grpc::core {

// The subfolder of the links.
inline constexpr char kSalvageFolder[] = "salvage";

// Links the table files of `folder` into its subfolder. On a file system without
// links it does nothing.
void LinkTableFiles(const std::string& folder);

// Reads the linked files that the database does not use into the tables of
// Options::salvaged: every key they have not got. A file may also be there because its
// content was merged into others, or deleted, just before the end. Then removes the links.
// impl->recovery tells what was found.
void SalvageUnknownFiles(Database::Impl* impl);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_SALVAGE_H_
