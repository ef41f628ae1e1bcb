#include "actors/collect/remote_file_systems.hpp"

#include <algorithm>
#include <array>

namespace reflector {

namespace {

// Names that file systems register with the kernel (register_filesystem), in it or beside it.
constexpr std::array<std::string_view, 27> network_types{
    "9p",        "afs",   "beegfs", "ceph",  "cifs",   "coda",     "cvfs",   "davfs",    "dvs",
    "glusterfs", "gpfs",  "lustre", "ncp",   "ncpfs",  "nfs",      "nfs4",   "orangefs", "panfs",
    "prl_fs",    "pvfs2", "smb3",   "smbfs", "vboxsf", "virtiofs", "vmhgfs", "wekafs",   "yfs"};

constexpr std::array<std::string_view, 8> views_of_something_else{
    "fuse.fuse-overlayfs", "fuse.gvfs-fuse-daemon", "fuse.gvfsd-fuse",     "fuse.lxcfs",
    "fuse.portal",         "fuse.revokefs-fuse",    "fuse.vmware-vmblock", "fuse.rofiles-fuse"};

constexpr std::array<std::string_view, 2> cluster_types{"gfs2", "ocfs2"};

constexpr bool is_among(const auto& types, std::string_view type) {
  return std::ranges::find(types, type) != types.end();
}

bool is_fuse(std::string_view type) {
  return type == "fuse" || type == "fuseblk" || type.starts_with("fuse.") ||
         type.starts_with("fuseblk.");
}

}  // namespace

bool is_remote(std::string_view type) {
  if (is_among(network_types, type)) return true;
  return (type == "fuse" || type.starts_with("fuse.")) && !is_among(views_of_something_else, type);
}

bool may_never_answer(std::string_view type) {
  return is_remote(type) || is_fuse(type) || is_among(cluster_types, type);
}

}  // namespace reflector
