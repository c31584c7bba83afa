-- Files that users uploaded, or that their batches wrote. The bytes lie beside the database.
create table hosted_file (
    id         text    primary key,
    owner      text    not null,
    filename   text    not null,
    purpose    text    not null,
    state      text    not null check (state in ('arriving', 'growing', 'whole', 'deleted')),
    bytes      integer not null default 0 check (bytes >= 0),
    lines      integer not null default 0 check (lines >= 0),
    keeper     text    check ((keeper is not null) = (state in ('arriving', 'growing'))),
    created_at integer not null,
    expires_at integer
);
create index hosted_file_by_owner on hosted_file (owner, created_at, id);
create index hosted_file_by_expiry on hosted_file (expires_at) where expires_at is not null;
create index hosted_file_unfinished on hosted_file (state) where state <> 'whole';

-- Where some of a file's lines begin, so that a reader finds a line without reading all before it.
create table hosted_mark (
    file_id      text    not null references hosted_file (id) on delete cascade,
    line         integer not null check (line >= 1),
    start_offset integer not null check (start_offset >= 1),
    primary key (file_id, line)
) without rowid;

-- Batches that users created here. Each becomes one job; neither job nor files are foreign keys,
-- because a batch outlives both.
create table hosted_batch (
    id              text    primary key,
    owner           text    not null,
    form            text    not null check (form in ('openai', 'messages')),
    input_file      text    not null,
    endpoint        text    not null,
    completion_window text  not null,
    metadata        text,
    output_lifetime integer,
    layout          text    not null check (layout in ('apart', 'early', 'merged')),
    mode            text    check (mode in ('auto', 'batch', 'live')),
    likeness        text    not null,
    request_key     text,
    status          text    not null check (status in ('validating', 'in_progress', 'finalizing',
                                                       'completed', 'failed', 'expired',
                                                       'cancelling', 'cancelled')),
    ended           integer not null check ((ended = 1) = (status in ('completed', 'failed',
                                                                      'expired', 'cancelled'))),
    keeper          text    check (keeper is null or ended = 0),
    job_id          text,
    output_file     text,
    error_file      text,
    model           text,
    total           integer not null default 0,
    completed       integer not null default 0,
    failed          integer not null default 0,
    expired         integer not null default 0,
    cancelled       integer not null default 0,
    input_tokens    integer,
    cached_tokens   integer,
    output_tokens   integer,
    reasoning_tokens integer,
    errors          text,
    created_at      integer not null,
    expires_at      integer not null,
    in_progress_at  integer,
    finalizing_at   integer,
    cancelling_at   integer,
    ended_at        integer check ((ended_at is not null) = (ended = 1))
);
create index hosted_batch_by_owner on hosted_batch (owner, form, created_at, id);
create index hosted_batch_by_likeness on hosted_batch (owner, likeness, created_at);
create index hosted_batch_by_key on hosted_batch (owner, request_key) where request_key is not null;
create index hosted_batch_under_way on hosted_batch (created_at) where ended = 0;
create index hosted_batch_by_input on hosted_batch (input_file) where ended = 0;
