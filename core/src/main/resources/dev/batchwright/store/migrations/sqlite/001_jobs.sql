create table job (
    id          text primary key,
    fingerprint text    not null,
    spec        text    not null,
    state       text    not null check (state in ('loading', 'active', 'blocked', 'stopped', 'cancelled', 'finished')),
    reason      text    check ((reason is not null) = (state in ('blocked', 'stopped'))),
    loader      text    check ((loader is not null) = (state = 'loading')),
    items       integer not null check (items >= 0),
    created_at  integer not null
);
create index job_by_fingerprint on job (fingerprint, created_at);

create table block (
    job_id       text    not null references job (id) on delete cascade,
    first_seq    integer not null check (first_seq >= 1),
    items        integer not null check (items >= 1),
    segment      text    not null,
    start_offset integer not null check (start_offset >= 0),
    length       integer not null check (length >= 1),
    primary key (job_id, first_seq)
) without rowid;

create table shard (
    id            integer primary key,
    job_id        text    not null references job (id) on delete cascade,
    lane          text    not null check (lane in ('live')),
    round         integer not null check (round >= 1),
    members       text    not null,
    items         integer not null check (items >= 0),
    lease_owner   text    check ((lease_owner is null) = (lease_until is null)),
    lease_epoch   integer not null default 0,
    lease_until   integer,
    succeeded     integer not null default 0,
    failed        integer not null default 0,
    input_tokens  integer not null default 0,
    cached_tokens integer not null default 0,
    output_tokens integer not null default 0,
    cost          integer not null default 0,
    done          integer not null default 0 check ((done = 1) = (succeeded + failed = items)),
    check (succeeded + failed <= items)
);
create index shard_by_job on shard (job_id, done, id);

-- Its job is not a foreign key: at a million rows the check costs more than it can find.
create table outcome (
    job_id        text    not null,
    seq           integer not null,
    kind          text    not null check (kind in ('ok', 'failed')),
    status        integer not null,
    attempts      integer not null,
    input_tokens  integer not null,
    cached_tokens integer not null,
    output_tokens integer not null,
    cost          integer not null,
    shard_id      integer not null,
    segment       text    not null,
    answer_offset integer not null,
    answer_length integer not null,
    primary key (job_id, seq)
) without rowid;

create table segment (
    job_id  text    not null references job (id) on delete cascade,
    name    text    not null,
    kind    text    not null check (kind in ('input', 'outcomes')),
    worker  text    check ((worker is not null) = (kind = 'outcomes')),
    applied integer not null default 0,
    primary key (job_id, name)
) without rowid;

create table worker (
    id     text    primary key,
    job_id text    not null references job (id) on delete cascade,
    host   text    not null,
    pid    integer not null,
    since  integer not null
);

create table stray (
    id           integer primary key,
    job_id       text    not null references job (id) on delete cascade,
    segment      text    not null,
    start_offset integer not null,
    length       integer not null,
    reason       text    not null,
    unique (job_id, segment, start_offset)
);

create table event (
    id     integer primary key,
    job_id text    not null references job (id) on delete cascade,
    at     integer not null,
    kind   text    not null,
    detail text    not null
);
create index event_by_job on event (job_id, id);
