/* A look at a file before the dynamic loader maps it: glibc trusts the program headers, and a file
 * that was cut off (a full disk, a download) would end the program with a bus error. */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "plugin/plugin_private.h"

static gboolean read_at(FILE *file, uint64_t offset, void *to, size_t size)
{
    return offset <= INT64_MAX && fseeko(file, (off_t)offset, SEEK_SET) == 0 &&
           fread(to, size, 1, file) == 1;
}

static gboolean is_object(const ElfW(Ehdr) * head)
{
    unsigned char own_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;

    return memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 && head->e_ident[EI_CLASS] == own_class &&
           head->e_type == ET_DYN && head->e_phentsize == sizeof(ElfW(Phdr));
}

/* Whether all that is to be mapped is there. */
static gboolean is_whole(FILE *file, const ElfW(Ehdr) * head)
{
    if (fseeko(file, 0, SEEK_END) != 0)
        return FALSE;
    uint64_t size = (uint64_t)ftello(file);
    for (guint i = 0; i < head->e_phnum; i++) {
        ElfW(Phdr) part;

        if (!read_at(file, head->e_phoff + i * sizeof part, &part, sizeof part))
            return FALSE;
        if (part.p_offset > size || part.p_filesz > size - part.p_offset)
            return FALSE;
    }
    return TRUE;
}

const char *object_file_problem(const char *path)
{
    ElfW(Ehdr) head;
    const char *problem = NULL;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return "is no file";
    FILE *file = fopen(path, "rb");
    if (!file)
        return g_strerror(errno);
    if (!read_at(file, 0, &head, sizeof head) || !is_object(&head))
        problem = "is no shared object of this machine";
    else if (!is_whole(file, &head))
        problem = "is cut off";
    fclose(file);
    return problem;
}
