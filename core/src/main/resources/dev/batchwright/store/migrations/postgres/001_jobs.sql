create table job (
    id          text primary key,
    fingerprint text    not null,
    spec        text    not null,
    state       text    not null check (state in ('loading', 'active', 'blocked', 'stopped', 'cancelled', 'finished')),
    reason      text    check ((reason is not null) = (state in ('blocked', 'stopped'))),
    loader      text    check ((loader is not null) = (state = 'loading')),
    items       bigint not null check (items >= 0),
    created_at  bigint not null
);
create index job_by_fingerprint on job (fingerprint, created_at);

create table block (
    job_id       text    not null references job (id) on delete cascade,
    first_seq    bigint not null check (first_seq >= 1),
    items        bigint not null check (items >= 1),
    segment      text    not null,
    start_offset bigint not null check (start_offset >= 0),
    length       bigint not null check (length >= 1),
    primary key (job_id, first_seq)
);

create table shard (
    id            bigint generated always as identity primary key,
    job_id        text    not null references job (id) on delete cascade,
    lane          text    not null check (lane in ('live')),
    round         bigint not null check (round >= 1),
    members       text    not null,
    items         bigint not null check (items >= 0),
    lease_owner   text    check ((lease_owner is null) = (lease_until is null)),
    lease_epoch   bigint not null default 0,
    lease_until   bigint,
    succeeded     bigint not null default 0,
    failed        bigint not null default 0,
    input_tokens  bigint not null default 0,
    cached_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    cost          bigint not null default 0,
    done          bigint not null default 0 check ((done = 1) = (succeeded + failed = items)),
    check (succeeded + failed <= items)
);
create index shard_by_job on shard (job_id, done, id);

-- Its job is not a foreign key: at a million rows the check costs more than it can find.
create table outcome (
    job_id        text    not null,
    seq           bigint not null,
    kind          text    not null check (kind in ('ok', 'failed')),
    status        bigint not null,
    attempts      bigint not null,
    input_tokens  bigint not null,
    cached_tokens bigint not null,
    output_tokens bigint not null,
    cost          bigint not null,
    shard_id      bigint not null,
    segment       text    not null,
    answer_offset bigint not null,
    answer_length bigint not null,
    primary key (job_id, seq)
);

create table segment (
    job_id  text    not null references job (id) on delete cascade,
    name    text    not null,
    kind    text    not null check (kind in ('input', 'outcomes')),
    worker  text    check ((worker is not null) = (kind = 'outcomes')),
    applied bigint not null default 0,
    primary key (job_id, name)
);

create table worker (
    id     text    primary key,
    job_id text    not null references job (id) on delete cascade,
    host   text    not null,
    pid    bigint not null,
    since  bigint not null
);

create table stray (
    id           bigint generated always as identity primary key,
    job_id       text    not null references job (id) on delete cascade,
    segment      text    not null,
    start_offset bigint not null,
    length       bigint not null,
    reason       text    not null,
    unique (job_id, segment, start_offset)
);

create table event (
    id     bigint generated always as identity primary key,
    job_id text    not null references job (id) on delete cascade,
    at     bigint not null,
    kind   text    not null,
    detail text    not null
);
create index event_by_job on event (job_id, id);

-- The bytes of the segments; chunks of at most 1 MiB, so that a reader finds an offset without a scan.
create table segment_chunk (
    job_id       text   not null references job (id) on delete cascade,
    segment      text   not null,
    start_offset bigint not null,
    data         bytea  not null check (octet_length(data) between 1 and 1048576),
    primary key (job_id, segment, start_offset)
);
alter table segment_chunk alter column data set storage external;
