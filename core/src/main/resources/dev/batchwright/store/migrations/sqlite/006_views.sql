-- What a failed item failed of: the code of its error. Those of earlier versions have none.
alter table outcome add column cause text not null default '';
create index outcome_failed on outcome (job_id, seq) where kind = 'failed';
create index outcome_by_cause on outcome (job_id, status, cause, seq) where kind = 'failed';

-- How many items failed of what, by shard: it moves with the shard's counters, in the same
-- transaction, and so nobody waits for a row that another worker counts in.
create table failure (
    job_id   text    not null references job (id) on delete cascade,
    shard_id integer not null,
    status   integer not null,
    cause    text    not null,
    items    integer not null,
    primary key (job_id, shard_id, status, cause)
) without rowid;
insert into failure (job_id, shard_id, status, cause, items)
select job_id, shard_id, status, '', count(*) from outcome
 where kind = 'failed'
   and exists (select 1 from job where job.id = outcome.job_id)
 group by job_id, shard_id, status;

-- What was counted when, in stretches of ten seconds. It tells what happened, and stays as it is
-- when failed items are tried again. The provider and the model of a batch, by which its price is
-- known; empty for the live lane, whose shards mix them.
create table history (
    job_id        text    not null references job (id) on delete cascade,
    at            integer not null,
    lane          text    not null,
    provider      text    not null,
    model         text    not null,
    succeeded     integer not null,
    failed        integer not null,
    input_tokens  integer not null,
    cached_tokens integer not null,
    output_tokens integer not null,
    cost          integer not null,
    primary key (job_id, at, lane, provider, model)
) without rowid;
create index history_by_time on history (at);

-- Lists of jobs, the newest first, and of the batches that are under way.
create index job_by_time on job (created_at, id);
create index job_by_state on job (state, created_at, id);
create index job_by_owner_and_state on job (owner, state, created_at, id);
create index shard_of_open_batch on shard (id) where lane = 'batch' and done = 0;

-- What servers of this store share and nobody else knows: sessions of the page are signed with it.
create table secret (
    name text primary key,
    hex  text not null
);
