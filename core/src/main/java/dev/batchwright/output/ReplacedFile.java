package dev.batchwright.output;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that is replaced as a whole. What is written goes to {@code .NAME.PID.part} beside it; a
 * commit syncs that and renames it over the old file, which stays as it was until then and whose
 * permissions the new one gets. Closed without a commit, the part is deleted. A kill leaves it
 * behind: the next writer of the same file deletes the parts of processes that are gone.
 */
final class ReplacedFile implements OutputTarget.Sink {
    private final Path target;
    private final Path part;
    private final FileChannel channel;
    private boolean committed;

    private ReplacedFile(Path target, Path part, FileChannel channel) {
        this.target = target;
        this.part = part;
        this.channel = channel;
    }

    static ReplacedFile open(Path target) throws IOException {
        deletePartsOfTheDead(target);
        Path part =
                target.resolveSibling(
                        ".%s.%d.part"
                                .formatted(target.getFileName(), ProcessHandle.current().pid()));
        return new ReplacedFile(
                target,
                part,
                FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE));
    }

    private static void deletePartsOfTheDead(Path target) throws IOException {
        var name =
                Pattern.compile(
                        "\\.%s\\.([0-9]{1,18})\\.part"
                                .formatted(Pattern.quote(target.getFileName().toString())));
        try (var siblings = Files.newDirectoryStream(target.resolveSibling(""))) {
            for (Path sibling : siblings) {
                Matcher part = name.matcher(sibling.getFileName().toString());
                if (part.matches() && ProcessHandle.of(Long.parseLong(part.group(1))).isEmpty()) {
                    Files.deleteIfExists(sibling);
                }
            }
        }
    }

    @Override
    public OutputStream stream() {
        return Channels.newOutputStream(channel);
    }

    @Override
    public void commit() throws IOException {
        keepPermissions();
        channel.force(true);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        committed = true;
        syncDirectory();
    }

    private void keepPermissions() throws IOException {
        @Nullable PosixFileAttributeView view =
                Files.getFileAttributeView(part, PosixFileAttributeView.class);
        if (view != null && Files.exists(target)) {
            view.setPermissions(Files.getPosixFilePermissions(target));
        }
    }

    // The rename itself must outlast a power failure. Not every system can sync a directory.
    private void syncDirectory() throws IOException {
        if (target.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (var directory = FileChannel.open(target.resolveSibling(""))) {
                directory.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!committed) {
            Files.deleteIfExists(part);
        }
    }
}
