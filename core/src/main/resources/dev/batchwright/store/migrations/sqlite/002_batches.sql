-- A constraint can't be changed: the table is built anew. Shards may go from now on, and an id that
-- came again would revive leases and files of the one that went.
create table new_shard (
    id            integer primary key autoincrement,
    job_id        text    not null references job (id) on delete cascade,
    lane          text    not null check (lane in ('open', 'live', 'batch')),
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
insert into new_shard (id, job_id, lane, round, members, items, lease_owner, lease_epoch,
                       lease_until, succeeded, failed, input_tokens, cached_tokens, output_tokens,
                       cost, done)
select id, job_id, lane, round, members, items, lease_owner, lease_epoch,
       lease_until, succeeded, failed, input_tokens, cached_tokens, output_tokens,
       cost, done
  from shard;
drop table shard;
alter table new_shard rename to shard;
create index shard_by_job on shard (job_id, done, id);

alter table outcome add column form text not null default 'fields'
    check (form in ('fields', 'response', 'body', 'error'));

-- A downloaded file is kept, also when its shard goes: the shard is no foreign key.
create table new_segment (
    job_id   text    not null references job (id) on delete cascade,
    name     text    not null,
    kind     text    not null check (kind in ('input', 'outcomes', 'results')),
    worker   text    check ((worker is not null) = (kind = 'outcomes')),
    shard_id integer check ((shard_id is not null) = (kind = 'results')),
    source   text    check ((source is not null) = (kind = 'results')),
    applied  integer not null default 0,
    primary key (job_id, name),
    unique (shard_id, source)
) without rowid;
insert into new_segment (job_id, name, kind, worker, applied)
select job_id, name, kind, worker, applied from segment;
drop table segment;
alter table new_segment rename to segment;

create table batch (
    shard_id     integer primary key references shard (id) on delete cascade,
    job_id       text    not null references job (id) on delete cascade,
    provider     text    not null,
    account      text    not null,
    endpoint     text    not null,
    model        text    not null,
    tokens       integer not null check (tokens >= 0),
    reserved     integer not null check (reserved >= 0),
    reason       text    not null,
    state        text    not null check (state in ('planned', 'uploading', 'creating', 'running', 'ended', 'quarantined')),
    tag          text    unique check ((tag is null) = (state = 'planned')),
    input_file   text    check ((input_file is not null) = (state = 'creating')),
    since        integer check ((since is not null) = (state = 'creating')),
    batch_id     text    check ((batch_id is not null) = (state in ('running', 'ended'))),
    created_at   integer check ((created_at is not null) = (state = 'running')),
    end_word     text    check ((end_word is not null) = (state = 'ended')),
    result_files text    check ((result_files is not null) = (state = 'ended')),
    problem      text    check ((problem is not null) = (state = 'quarantined')),
    note         text    not null default '',
    settled      integer not null default 0 check (settled in (0, 1))
);
create index batch_by_job on batch (job_id, shard_id);
create index batch_by_queue on batch (account, model) where settled = 0;

create table queue_limit (
    account    text    not null,
    model      text    not null,
    tokens     integer not null check (tokens >= 0),
    learned_at integer not null,
    primary key (account, model)
) without rowid;
