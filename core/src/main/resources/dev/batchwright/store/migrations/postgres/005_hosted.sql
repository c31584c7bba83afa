-- Files that users uploaded, or that their batches wrote. The bytes lie in hosted_chunk.
create table hosted_file (
    id         text    primary key,
    owner      text    not null,
    filename   text    not null,
    purpose    text    not null,
    state      text    not null check (state in ('arriving', 'growing', 'whole', 'deleted')),
    bytes      bigint not null default 0 check (bytes >= 0),
    lines      bigint not null default 0 check (lines >= 0),
    keeper     text    check ((keeper is not null) = (state in ('arriving', 'growing'))),
    created_at bigint not null,
    expires_at bigint
);
create index hosted_file_by_owner on hosted_file (owner, created_at, id);
create index hosted_file_by_expiry on hosted_file (expires_at) where expires_at is not null;
create index hosted_file_unfinished on hosted_file (state) where state <> 'whole';

-- Where some of a file's lines begin, so that a reader finds a line without reading all before it.
create table hosted_mark (
    file_id      text    not null references hosted_file (id) on delete cascade,
    line         bigint not null check (line >= 1),
    start_offset bigint not null check (start_offset >= 1),
    primary key (file_id, line)
);

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
    output_lifetime bigint,
    layout          text    not null check (layout in ('apart', 'early', 'merged')),
    mode            text    check (mode in ('auto', 'batch', 'live')),
    likeness        text    not null,
    request_key     text,
    status          text    not null check (status in ('validating', 'in_progress', 'finalizing',
                                                       'completed', 'failed', 'expired',
                                                       'cancelling', 'cancelled')),
    ended           bigint not null check ((ended = 1) = (status in ('completed', 'failed',
                                                                      'expired', 'cancelled'))),
    keeper          text    check (keeper is null or ended = 0),
    job_id          text,
    output_file     text,
    error_file      text,
    model           text,
    total           bigint not null default 0,
    completed       bigint not null default 0,
    failed          bigint not null default 0,
    expired         bigint not null default 0,
    cancelled       bigint not null default 0,
    input_tokens    bigint,
    cached_tokens   bigint,
    output_tokens   bigint,
    reasoning_tokens bigint,
    errors          text,
    created_at      bigint not null,
    expires_at      bigint not null,
    in_progress_at  bigint,
    finalizing_at   bigint,
    cancelling_at   bigint,
    ended_at        bigint check ((ended_at is not null) = (ended = 1))
);
create index hosted_batch_by_owner on hosted_batch (owner, form, created_at, id);
create index hosted_batch_by_likeness on hosted_batch (owner, likeness, created_at);
create index hosted_batch_by_key on hosted_batch (owner, request_key) where request_key is not null;
create index hosted_batch_under_way on hosted_batch (created_at) where ended = 0;
create index hosted_batch_by_input on hosted_batch (input_file) where ended = 0;

create table hosted_chunk (
    file_id      text   not null references hosted_file (id) on delete cascade,
    start_offset bigint not null,
    data         bytea  not null check (octet_length(data) between 1 and 1048576),
    primary key (file_id, start_offset)
);
alter table hosted_chunk alter column data set storage external;
