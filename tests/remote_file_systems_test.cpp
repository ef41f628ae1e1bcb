#include "actors/collect/remote_file_systems.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(which_types_count_and_which_may_hang) {
  struct row {
    const char* type;
    bool remote, may_hang;
  };
  for (const row& each : {row{"nfs", true, true},
                          {"nfs4", true, true},
                          {"cifs", true, true},
                          {"smb3", true, true},
                          {"9p", true, true},
                          {"ceph", true, true},
                          {"lustre", true, true},
                          {"afs", true, true},
                          {"beegfs", true, true},
                          {"glusterfs", true, true},
                          {"virtiofs", true, true},
                          {"fuse", true, true},
                          {"fuse.sshfs", true, true},
                          {"fuse.glusterfs", true, true},
                          {"fuse.snapfuse", true, true},
                          {"fuse.", true, true},
                          // A device stands behind these, but a program or other nodes answer.
                          {"fuseblk", false, true},
                          {"fuseblk.ntfs", false, true},
                          {"gfs2", false, true},
                          {"ocfs2", false, true},
                          // FUSE, but no storage of its own: never asked, what is below it is.
                          {"fuse.gvfsd-fuse", false, true},
                          {"fuse.portal", false, true},
                          {"fuse.lxcfs", false, true},
                          {"fuse.fuse-overlayfs", false, true},
                          {"fusectl", false, false},
                          {"nfsd", false, false},
                          {"rpc_pipefs", false, false},
                          {"autofs", false, false},
                          {"overlay", false, false},
                          {"tmpfs", false, false},
                          {"ext4", false, false},
                          {"xfs", false, false},
                          {"", false, false},
                          {"NFS", false, false},
                          {"nf", false, false},
                          {"fus", false, false}}) {
    BOOST_TEST_CONTEXT(each.type) {
      BOOST_TEST(is_remote(each.type) == each.remote);
      BOOST_TEST(may_never_answer(each.type) == each.may_hang);
    }
  }
}
