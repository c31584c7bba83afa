package dev.batchwright.store;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Hosted files: a row each, and their bytes in {@link Contents}. Bytes are durable before a row
 * says that they are there, and rows go before bytes; what a crash leaves behind is swept.
 */
final class StoredFiles implements HostedFiles {
    /** What no list shows: the requests and results of Anthropic's batches. */
    static final String HIDDEN = "message_batch";

    private static final int SCAN = 256 << 10;

    private final Database database;
    private final Contents contents;
    private final Presence presence;
    private final Keeper keeper;
    private final InstantSource clock;
    private final RandomGenerator random;

    StoredFiles(
            Database database,
            Contents contents,
            Presence presence,
            Keeper keeper,
            InstantSource clock,
            RandomGenerator random) {
        this.database = database;
        this.contents = contents;
        this.presence = presence;
        this.keeper = keeper;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Upload upload() {
        String id = HostedIds.file(random);
        String self = keeper.name();
        insert(id, "arriving", self, "", "", "");
        return new ArrivingFile(id, self, writer(id, self, 0));
    }

    /** A file of a batch that this process keeps. */
    String begin(String owner, String filename, String purpose) {
        String id = HostedIds.file(random);
        insert(id, "growing", keeper.name(), owner, filename, purpose);
        return id;
    }

    private void insert(
            String id, String state, String self, String owner, String filename, String purpose) {
        database.write(
                connection ->
                        Sql.update(
                                connection,
                                """
                                insert into hosted_file (id, owner, filename, purpose, state,
                                                         keeper, created_at)
                                values (?, ?, ?, ?, ?, ?, ?)
                                """,
                                id,
                                owner,
                                filename,
                                purpose,
                                state,
                                self,
                                clock.millis()));
    }

    /** Goes on with a file that grows and that this process keeps. */
    Growth grow(String id, boolean anew) {
        String self = keeper.name();
        if (anew) {
            empty(id, self);
        }
        HostedFile file =
                database.read(
                                connection ->
                                        Sql.first(
                                                connection,
                                                """
                                                select * from hosted_file
                                                 where id = ? and state = 'growing' and keeper = ?
                                                """,
                                                StoredFiles::read,
                                                id,
                                                self))
                        .orElseThrow(() -> new KeeperLostException(id));
        return new GrowingFile(file, self, writer(id, self, file.bytes()));
    }

    private void empty(String id, String self) {
        database.write(
                connection -> {
                    Sql.update(connection, "delete from hosted_mark where file_id = ?", id);
                    return Sql.update(
                            connection,
                            """
                            update hosted_file set bytes = 0, lines = 0
                             where id = ? and keeper = ? and state = 'growing'
                            """,
                            id,
                            self);
                });
    }

    private Segments.Writer writer(String id, String self, long from) {
        try {
            return contents.append(id, self, from);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public Optional<HostedFile> find(String id) {
        return database.read(
                connection ->
                        Sql.first(
                                connection,
                                """
                                select * from hosted_file
                                 where id = ? and state in ('growing', 'whole')
                                   and (expires_at is null or expires_at > ?)
                                """,
                                StoredFiles::read,
                                id,
                                clock.millis()));
    }

    /** The same, also of one that is gone for its user. */
    Optional<HostedFile> findKept(String id) {
        return database.read(
                connection ->
                        Sql.first(
                                connection,
                                """
                                select * from hosted_file
                                 where id = ? and state in ('whole', 'deleted')
                                """,
                                StoredFiles::read,
                                id));
    }

    private static HostedFile read(ResultSet row) throws SQLException {
        return new HostedFile(
                row.getString("id"),
                row.getString("owner"),
                row.getString("filename"),
                row.getString("purpose"),
                row.getLong("bytes"),
                row.getLong("lines"),
                row.getString("state").equals("growing"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                instant(row, "expires_at"));
    }

    static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    private record Place(long createdAt, String id) {}

    @Override
    public Optional<List<HostedFile>> list(Query query) {
        return database.read(
                connection -> {
                    var start =
                            query.newestFirst() ? new Place(Long.MAX_VALUE, "") : new Place(-1, "");
                    Optional<Place> from =
                            query.after().isEmpty()
                                    ? Optional.of(start)
                                    : place(connection, query.owner(), query.after().get());
                    return from.isEmpty()
                            ? Optional.empty()
                            : Optional.of(page(connection, query, from.get()));
                });
    }

    private static Optional<Place> place(Connection connection, String owner, String id)
            throws SQLException {
        return Sql.first(
                connection,
                "select created_at, id from hosted_file where id = ? and owner = ?",
                row -> new Place(row.getLong("created_at"), row.getString("id")),
                id,
                owner);
    }

    private List<HostedFile> page(Connection connection, Query query, Place from)
            throws SQLException {
        String purpose = query.purpose().orElse("");
        return Sql.list(
                connection,
                query.newestFirst()
                        ? """
                        select * from hosted_file
                         where owner = ? and state = 'whole' and purpose not like ?
                           and (? = '' or purpose = ?)
                           and (expires_at is null or expires_at > ?)
                           and (created_at < ? or (created_at = ? and id < ?))
                         order by created_at desc, id desc limit ?
                        """
                        : """
                        select * from hosted_file
                         where owner = ? and state = 'whole' and purpose not like ?
                           and (? = '' or purpose = ?)
                           and (expires_at is null or expires_at > ?)
                           and (created_at > ? or (created_at = ? and id > ?))
                         order by created_at, id limit ?
                        """,
                StoredFiles::read,
                query.owner(),
                HIDDEN + "%",
                purpose,
                purpose,
                clock.millis(),
                from.createdAt,
                from.createdAt,
                from.id,
                query.limit());
    }

    @Override
    public InputStream read(HostedFile file, long from, long to) {
        // Of a file that is only begun there may be no bytes at all.
        return from >= to
                ? InputStream.nullInputStream()
                : new ContentStream(contents.open(file.id()), from, to);
    }

    @Override
    public long offsetOf(HostedFile file, long line) {
        if (line <= 0) {
            return 0;
        }
        if (line >= file.lines()) {
            return file.bytes();
        }
        record Mark(long line, long offset) {}
        Mark near =
                database.read(
                        connection ->
                                Sql.first(
                                                connection,
                                                """
                                                select line, start_offset from hosted_mark
                                                 where file_id = ? and line <= ?
                                                 order by line desc limit 1
                                                """,
                                                row -> new Mark(row.getLong(1), row.getLong(2)),
                                                file.id(),
                                                line)
                                        .orElse(new Mark(0, 0)));
        try (InputStream in = read(file, near.offset, file.bytes())) {
            return near.offset + lengthOf(line - near.line, in);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static long lengthOf(long lines, InputStream in) throws IOException {
        byte[] window = new byte[SCAN];
        long passed = 0;
        long left = lines;
        int count = 0;
        while (left > 0 && (count = in.read(window, 0, window.length)) > 0) {
            int i = 0;
            while (i < count && left > 0) {
                if (window[i++] == '\n') {
                    left--;
                }
            }
            passed += i;
        }
        return passed;
    }

    @Override
    public Deletion delete(String id) {
        Deletion deletion = database.write(connection -> delete(connection, id));
        if (deletion == Deletion.DONE) {
            forgetBytes(id);
        }
        return deletion;
    }

    private Deletion delete(Connection connection, String id) throws SQLException {
        Optional<String> state =
                Sql.first(
                        connection,
                        """
                        update hosted_file set bytes = bytes
                         where id = ? and state in ('growing', 'whole')
                           and (expires_at is null or expires_at > ?)
                        returning state
                        """,
                        row -> row.getString("state"),
                        id,
                        clock.millis());
        if (state.isEmpty()) {
            return Deletion.NOT_THERE;
        }
        if (state.get().equals("growing")) {
            return Deletion.IN_USE;
        }
        if (isBeingRead(connection, id)) {
            Sql.update(connection, "update hosted_file set state = 'deleted' where id = ?", id);
        } else {
            Sql.update(connection, "delete from hosted_file where id = ?", id);
        }
        return Deletion.DONE;
    }

    private static boolean isBeingRead(Connection connection, String id) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        select 1 from hosted_batch
                         where input_file = ? and ended = 0 and job_id is null
                           and status in ('validating', 'cancelling')
                         limit 1
                        """,
                        row -> true,
                        id)
                .isPresent();
    }

    // The bytes of a file whose row waits for its readers stay.
    private void forgetBytes(String id) {
        boolean kept =
                database.read(
                        connection ->
                                Sql.first(
                                                connection,
                                                "select 1 from hosted_file where id = ?",
                                                row -> true,
                                                id)
                                        .isPresent());
        if (!kept) {
            contents.delete(id);
        }
    }

    @Override
    public int sweep() {
        Set<String> dead = deadKeepers();
        List<String> gone = database.write(connection -> sweep(connection, dead));
        gone.forEach(contents::delete);
        dead.forEach(presence::forget);
        return gone.size() + sweepBytes();
    }

    private Set<String> deadKeepers() {
        return database
                .read(
                        connection ->
                                Sql.list(
                                        connection,
                                        """
                                        select distinct keeper from hosted_file
                                         where state in ('arriving', 'growing')
                                        """,
                                        row -> row.getString("keeper")))
                .stream()
                .filter(name -> !presence.isAlive(name))
                .collect(Collectors.toSet());
    }

    private List<String> sweep(Connection connection, Set<String> dead) throws SQLException {
        List<String> gone =
                Sql.list(
                        connection,
                        """
                        delete from hosted_file
                         where (state = 'deleted' or (state = 'whole' and expires_at <= ?))
                           and not exists (select 1 from hosted_batch
                                            where input_file = hosted_file.id and ended = 0
                                              and job_id is null
                                              and status in ('validating', 'cancelling'))
                        returning id
                        """,
                        row -> row.getString("id"),
                        clock.millis());
        for (String name : dead) {
            gone.addAll(
                    Sql.list(
                            connection,
                            """
                            delete from hosted_file
                             where keeper = ?
                               and (state = 'arriving'
                                    or not exists (select 1 from hosted_batch
                                                    where ended = 0
                                                      and (output_file = hosted_file.id
                                                           or error_file = hosted_file.id)))
                            returning id
                            """,
                            row -> row.getString("id"),
                            name));
        }
        return gone;
    }

    private int sweepBytes() {
        // First the bytes, then the rows: what another process begins in between has a row.
        var orphans = new HashSet<>(contents.files());
        if (orphans.isEmpty()) {
            return 0;
        }
        database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        "select id from hosted_file",
                                        row -> row.getString("id")))
                .forEach(orphans::remove);
        orphans.forEach(contents::delete);
        return orphans.size();
    }

    /** Removes the bytes of files whose rows are gone. */
    void forget(List<String> files) {
        files.forEach(contents::delete);
    }

    private static StoreException unwritable(IOException cause) {
        return new StoreException(
                """
                The file can't be written to the store (%s). Free some space or check the disk, \
                then send it again; nothing of it was kept.\
                """
                        .formatted(cause.getMessage()),
                cause);
    }

    private static StoreException unreadable(IOException cause) {
        return new StoreException(
                "The file can't be read (%s). Check the disk, then try again."
                        .formatted(cause.getMessage()),
                cause);
    }

    private final class ArrivingFile implements Upload {
        private final String id;
        private final String self;
        private final Segments.Writer writer;
        private final LineMarks marks = new LineMarks(0, 0);
        private boolean committed;

        ArrivingFile(String id, String self, Segments.Writer writer) {
            this.id = id;
            this.self = self;
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            append(writer, bytes, offset, length);
            marks.pass(bytes, offset, length);
        }

        @Override
        public long bytes() {
            return writer.position();
        }

        @Override
        public HostedFile commit(Terms terms) {
            sync(writer);
            Instant now = clock.instant();
            @Nullable Long expires =
                    terms.lifetime().map(now::plus).map(Instant::toEpochMilli).orElse(null);
            Optional<HostedFile> file =
                    database.write(
                            connection -> {
                                marks.insert(connection, id);
                                return Sql.first(
                                        connection,
                                        """
                                        update hosted_file
                                           set state = 'whole', keeper = null, owner = ?,
                                               filename = ?, purpose = ?, bytes = ?, lines = ?,
                                               created_at = ?, expires_at = ?
                                         where id = ? and keeper = ?
                                        returning *
                                        """,
                                        StoredFiles::read,
                                        terms.owner(),
                                        terms.filename(),
                                        terms.purpose(),
                                        writer.position(),
                                        marks.lines(),
                                        now.toEpochMilli(),
                                        expires,
                                        id,
                                        self);
                            });
            committed = file.isPresent();
            return file.orElseThrow(() -> new KeeperLostException(id));
        }

        @Override
        public void close() {
            closeWriter(writer);
            if (!committed) {
                database.write(
                        connection ->
                                Sql.update(
                                        connection,
                                        "delete from hosted_file where id = ? and state ="
                                                + " 'arriving'",
                                        id));
                contents.delete(id);
            }
        }
    }

    private final class GrowingFile implements Growth {
        private final String id;
        private final String self;
        private final Segments.Writer writer;
        private final LineMarks marks;

        GrowingFile(HostedFile file, String self, Segments.Writer writer) {
            this.id = file.id();
            this.self = self;
            this.writer = writer;
            this.marks = new LineMarks(file.lines(), file.bytes());
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            append(writer, bytes, offset, length);
            marks.pass(bytes, offset, length);
        }

        @Override
        public long bytes() {
            return writer.position();
        }

        @Override
        public void flush() {
            sync(writer);
            int updated =
                    database.write(
                            connection -> {
                                marks.insert(connection, id);
                                return Sql.update(
                                        connection,
                                        """
                                        update hosted_file set bytes = ?, lines = ?
                                         where id = ? and keeper = ? and state = 'growing'
                                        """,
                                        writer.position(),
                                        marks.lines(),
                                        id,
                                        self);
                            });
            if (updated == 0) {
                throw new KeeperLostException(id);
            }
            marks.inserted();
        }

        @Override
        public void close() {
            closeWriter(writer);
        }
    }

    private static void append(Segments.Writer writer, byte[] bytes, int offset, int length) {
        try {
            writer.append(bytes, offset, length);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private static void sync(Segments.Writer writer) {
        try {
            writer.sync();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    // Whatever counts was synced before, and that was checked.
    private static void closeWriter(Segments.Writer writer) {
        try {
            writer.close();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }
}
