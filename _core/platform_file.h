/* Open files as memory: mapping, positioned reads, and whether the bytes come over a network.
 * Every difference between systems that files meet; free of Python.h.
 *
 * Functions take a C descriptor and return 0 or the system's error code: errno on POSIX,
 * GetLastError() on Windows. FILE_ENDED is the one code of our own. */
#ifndef TENSORWIRE_PLATFORM_FILE_H
#define TENSORWIRE_PLATFORM_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <io.h>
#include <malloc.h>
#include <windows.h>
#else
#include <errno.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/vfs.h>
#elif defined(__APPLE__) || defined(__FreeBSD__)
#include <sys/mount.h>
#include <sys/param.h>
#endif
#endif

/* The file ended before all bytes were read: somebody made it shorter. */
#define FILE_ENDED (-1)

/* Most bytes of one system call. Linux transfers at most 0x7ffff000 at once (read(2)), macOS
 * refuses more than INT_MAX (EINVAL), Windows counts in 32 bits. */
#define FILE_CALL_MAX ((size_t)1 << 30)

/* Alignment of file_block_new(): a cache line, and the widest vector register. Offsets that a file
 * format aligns to up to 64 bytes keep their alignment in memory, as they do in a mapping. */
#define FILE_BLOCK_ALIGN ((size_t)64)

/* Largest size of anything held in memory: PTRDIFF_MAX, so that differences of pointers hold. */
#define FILE_SIZE_MAX ((uint64_t)PTRDIFF_MAX)

#if defined(_WIN32)

static inline HANDLE file_handle(int descriptor)
{
    return (HANDLE)_get_osfhandle(descriptor);
}

static inline int file_last_error(void)
{
    DWORD code = GetLastError();
    return code ? (int)code : ERROR_GEN_FAILURE;
}

/* The view keeps the section alive, and the section the file: both handles may be closed. */
static inline int file_map(int descriptor, size_t size, const uint8_t **data)
{
    HANDLE section = CreateFileMappingW(file_handle(descriptor), NULL, PAGE_READONLY, 0, 0, NULL);
    if (section == NULL) return file_last_error();
    void *view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, size);
    int code = view == NULL ? file_last_error() : 0;
    CloseHandle(section);
    *data = (const uint8_t *)view;
    return code;
}

static inline void file_unmap(const uint8_t *data, size_t size)
{
    (void)size;
    UnmapViewOfFile(data);
}

static inline void file_forget(const uint8_t *data, size_t size)
{
    (void)data; /* pages of a view are taken from the process when others need the memory */
    (void)size;
}

/* A read past the end is an error there, and the end here. Moves the descriptor's own position,
 * which pread() leaves alone. REQUIRES: nbytes fits 32 bits. */
static inline int file_read_once(int descriptor, uint8_t *into, size_t nbytes, uint64_t offset,
                                 size_t *got)
{
    OVERLAPPED where = {0};
    DWORD count = 0;
    where.Offset = (DWORD)(offset & 0xffffffffu);
    where.OffsetHigh = (DWORD)(offset >> 32);
    if (!ReadFile(file_handle(descriptor), into, (DWORD)nbytes, &count, &where)) {
        int code = file_last_error();
        if (code != ERROR_HANDLE_EOF) return code;
        count = 0;
    }
    *got = count;
    return 0;
}

static inline void *file_block_new(size_t size)
{
    return _aligned_malloc(size ? size : 1, FILE_BLOCK_ALIGN);
}

static inline void file_block_free(void *block)
{
    _aligned_free(block);
}

/* GetFileInformationByHandleEx answers FileRemoteProtocolInfo for files of a redirector alone. */
static inline const char *file_remote_system(int descriptor)
{
    FILE_REMOTE_PROTOCOL_INFO protocol;
    BOOL remote = GetFileInformationByHandleEx(file_handle(descriptor), FileRemoteProtocolInfo,
                                               &protocol, sizeof protocol);
    return remote ? "a network drive" : NULL;
}

static inline int file_was_interrupted(int code)
{
    (void)code;
    return 0;
}

#else /* POSIX */

/* MAP_PRIVATE, because FUSE with direct I/O and 9p without a cache refuse MAP_SHARED (ENODEV);
 * for pages that are only read the two do not differ. REQUIRES: size > 0. */
static inline int file_map(int descriptor, size_t size, const uint8_t **data)
{
    void *view = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (view == MAP_FAILED) return errno;
    *data = (const uint8_t *)view;
    return 0;
}

/* Cannot fail: address and size are those that file_map() got. */
static inline void file_unmap(const uint8_t *data, size_t size)
{
    (void)munmap((void *)(uintptr_t)data, size);
}

/* Pages inside [data, data + size) no longer count as memory of this process, and are read again
 * when somebody looks. REQUIRES: part of what file_map() gave, where nothing is ever written: those
 * pages would lose it. A system that does not take the advice keeps the pages. */
static inline void file_forget(const uint8_t *data, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)data;
    uintptr_t stop = (start + size) & ~(page - 1); /* inside one mapping: no wrap */
    start = (start + page - 1) & ~(page - 1);
    if (start < stop) (void)madvise((void *)start, stop - start, MADV_DONTNEED);
}

/* REQUIRES: offset + nbytes <= FILE_SIZE_MAX, so that it fits a 64-bit off_t. */
static inline int file_read_once(int descriptor, uint8_t *into, size_t nbytes, uint64_t offset,
                                 size_t *got)
{
    ssize_t count = pread(descriptor, into, nbytes, (off_t)offset);
    if (count < 0) return errno;
    *got = (size_t)count;
    return 0;
}

static inline void *file_block_new(size_t size)
{
    void *block = NULL;
    return posix_memalign(&block, FILE_BLOCK_ALIGN, size ? size : 1) ? NULL : block;
}

static inline void file_block_free(void *block)
{
    free(block);
}

#if defined(__linux__)

typedef struct {
    uint32_t magic; /* statfs.f_type; 32 bits, as its type differs by processor */
    const char *name;
} FileRemoteMagic;

/* Sources of the numbers: [m] linux/magic.h; [k] the file system's own header in the kernel or in
 * its own tree, named; [c] "remote" in the table of GNU coreutils, src/stat.c.
 * FUSE counts as remote, since it cannot be told what lies behind it (sshfs, s3fs, gcsfuse, a
 * host's folder in a virtual machine). */
static inline const char *file_remote_name(uint32_t magic)
{
    static const FileRemoteMagic table[] = {
        {0x00006969u, "nfs"},      /* [m] NFS_SUPER_MAGIC */
        {0xff534d42u, "cifs"},     /* [m] CIFS_SUPER_MAGIC */
        {0xfe534d42u, "smb2"},     /* [m] SMB2_SUPER_MAGIC */
        {0x0000517bu, "smb"},      /* [m] SMB_SUPER_MAGIC */
        {0x65735546u, "fuse"},     /* [m] FUSE_SUPER_MAGIC; virtiofs too */
        {0x01021997u, "9p"},       /* [m] V9FS_MAGIC */
        {0x00c36400u, "ceph"},     /* [m] CEPH_SUPER_MAGIC */
        {0x5346414fu, "afs"},      /* [m] AFS_SUPER_MAGIC (OpenAFS) */
        {0x6b414653u, "afs"},      /* [m] AFS_FS_MAGIC (the kernel's own) */
        {0x73757245u, "coda"},     /* [m] CODA_SUPER_MAGIC */
        {0x0000564cu, "ncp"},      /* [m] NCP_SUPER_MAGIC */
        {0x20030528u, "orangefs"}, /* [k] fs/orangefs/orangefs-kernel.h, ORANGEFS_SUPER_MAGIC */
        {0x786f4256u, "vboxsf"},   /* [k] fs/vboxsf/super.c, VBOXSF_SUPER_MAGIC */
        {0x0bd00bd0u, "lustre"},   /* [k] lustre_user.h, LL_SUPER_MAGIC; [c] */
        {0x19830326u, "beegfs"},   /* [k] BeeGFS client, BEEGFS_MAGIC; [c] as fhgfs */
        {0x47504653u, "gpfs"},     /* [c] */
        {0xaad7aaeau, "panfs"},    /* [c] */
        {0xbacbacbcu, "vmhgfs"},   /* [c] */
        {0x7c7c6673u, "prl_fs"},   /* [c] */
        {0xbeefdeadu, "snfs"},     /* [c] */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].magic == magic) return table[i].name;
    }
    return NULL;
}

static inline const char *file_remote_system(int descriptor)
{
    struct statfs found;
    if (fstatfs(descriptor, &found) != 0) return NULL;
    return file_remote_name((uint32_t)found.f_type);
}

#elif defined(__APPLE__) || defined(__FreeBSD__)

static inline const char *file_remote_system(int descriptor)
{
    struct statfs found;
    if (fstatfs(descriptor, &found) != 0) return NULL;
    return (found.f_flags & MNT_LOCAL) ? NULL : "a network file system";
}

#else

static inline const char *file_remote_system(int descriptor)
{
    (void)descriptor;
    return NULL;
}

#endif

static inline int file_was_interrupted(int code)
{
    return code == EINTR;
}

#endif

/* Reads exactly `nbytes` at `offset`, over short reads. `*done` counts what lies in `into` also
 * when the call fails; interrupted by a signal, the caller looks at it and goes on from there.
 * Progress: a call that reads nothing is the end of the file. */
static inline int file_read_at(int descriptor, uint8_t *into, size_t nbytes, uint64_t offset,
                               size_t *done)
{
    *done = 0;
    while (*done < nbytes) {
        size_t left = nbytes - *done, got = 0; /* *done < nbytes: no wrap */
        size_t want = left < FILE_CALL_MAX ? left : FILE_CALL_MAX;
        int code = file_read_once(descriptor, into + *done, want, offset + *done, &got);
        if (code != 0) return code;
        if (got == 0) return FILE_ENDED;
        *done += got; /* got <= want <= left */
    }
    return 0;
}

#endif
