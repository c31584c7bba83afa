alter table shard
    drop constraint shard_lane_check,
    add constraint shard_lane_check check (lane in ('open', 'live', 'batch'));

alter table outcome add column form text not null default 'fields'
    check (form in ('fields', 'response', 'body', 'error'));

-- A downloaded file is kept, also when its shard goes: the shard is no foreign key.
alter table segment
    drop constraint segment_kind_check,
    add constraint segment_kind_check check (kind in ('input', 'outcomes', 'results')),
    add column shard_id bigint check ((shard_id is not null) = (kind = 'results')),
    add column source text check ((source is not null) = (kind = 'results')),
    add unique (shard_id, source);

create table batch (
    shard_id     bigint primary key references shard (id) on delete cascade,
    job_id       text   not null references job (id) on delete cascade,
    provider     text   not null,
    account      text   not null,
    endpoint     text   not null,
    model        text   not null,
    tokens       bigint not null check (tokens >= 0),
    reserved     bigint not null check (reserved >= 0),
    reason       text   not null,
    state        text   not null check (state in ('planned', 'uploading', 'creating', 'running', 'ended', 'quarantined')),
    tag          text   unique check ((tag is null) = (state = 'planned')),
    input_file   text   check ((input_file is not null) = (state = 'creating')),
    since        bigint check ((since is not null) = (state = 'creating')),
    batch_id     text   check ((batch_id is not null) = (state in ('running', 'ended'))),
    created_at   bigint check ((created_at is not null) = (state = 'running')),
    end_word     text   check ((end_word is not null) = (state = 'ended')),
    result_files text   check ((result_files is not null) = (state = 'ended')),
    problem      text   check ((problem is not null) = (state = 'quarantined')),
    note         text   not null default '',
    settled      bigint not null default 0 check (settled in (0, 1))
);
create index batch_by_job on batch (job_id, shard_id);
create index batch_by_queue on batch (account, model) where settled = 0;

create table queue_limit (
    account    text   not null,
    model      text   not null,
    tokens     bigint not null check (tokens >= 0),
    learned_at bigint not null,
    primary key (account, model)
);
