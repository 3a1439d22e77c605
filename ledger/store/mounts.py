"""What kind of file system a folder is on: on some, locks cannot be relied on."""

from __future__ import annotations

from pathlib import Path

_NETWORKED = {
    *("afs", "beegfs", "ceph", "cifs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "9p"),
    *("fuse.glusterfs", "fuse.s3fs", "fuse.sshfs"),
}
_MOUNTS = Path("/proc/mounts")


def network_kind(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The kind of network file system that a folder is on; "" if it is on none that is known.

    `mounts` lists device, mount point and kind of what is mounted, the latest last, as Linux
    does (proc_mounts(5)); where there is no such list, nothing is known.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    kinds = {_place(point): kind for _, point, kind, *_ in map(str.split, lines)}
    where = folder.resolve()
    kind = next((kinds[place] for place in (where, *where.parents) if place in kinds), "")
    return kind if kind in _NETWORKED else ""


def _place(point: str) -> Path:
    """A mount point: the list writes a space in it as an octal number."""
    return Path(point.replace("\\040", " "))
