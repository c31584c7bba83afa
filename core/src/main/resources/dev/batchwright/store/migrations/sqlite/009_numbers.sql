-- The index of outcomes is by far the largest table. With numbers where words were, a row is half
-- as large and takes half the time.
alter table job add column number integer;
update job set number = rowid;
create unique index job_by_number on job (number);
-- The number of a job that is gone may come again: its outcomes went with it.
create trigger job_is_numbered after insert on job begin update job set number = (select coalesce(max(number), 0) + 1 from job) where id = new.id; end;

create table new_segment (
    id       integer primary key autoincrement,
    job_id   text    not null references job (id) on delete cascade,
    name     text    not null,
    kind     text    not null check (kind in ('input', 'outcomes', 'results')),
    worker   text    check ((worker is not null) = (kind = 'outcomes')),
    shard_id integer check ((shard_id is not null) = (kind = 'results')),
    source   text    check ((source is not null) = (kind = 'results')),
    applied  integer not null default 0,
    unique (job_id, name),
    unique (shard_id, source)
);
insert into new_segment (job_id, name, kind, worker, shard_id, source, applied)
select job_id, name, kind, worker, shard_id, source, applied from segment;
drop table segment;
alter table new_segment rename to segment;

-- Its job, shard and segment are no foreign keys: at a million rows the checks cost more than they
-- can find. The forms: 0 fields, 1 response, 2 body, 3 error.
create table new_outcome (
    job_number    integer not null,
    seq           integer not null,
    failed        integer not null check (failed in (0, 1)),
    status        integer not null,
    cause         text not null,
    attempts      integer not null,
    input_tokens  integer not null,
    cached_tokens integer not null,
    output_tokens integer not null,
    cost          integer not null,
    shard_id      integer not null,
    segment_id    integer not null,
    form          integer not null check (form between 0 and 3),
    answer_offset integer not null,
    answer_length integer not null,
    primary key (job_number, seq)
) without rowid;
insert into new_outcome (job_number, seq, failed, status, cause, attempts, input_tokens,
                         cached_tokens, output_tokens, cost, shard_id, segment_id, form,
                         answer_offset, answer_length)
select job.number, seq, case outcome.kind when 'failed' then 1 else 0 end, status, cause, attempts,
       input_tokens, cached_tokens, output_tokens, cost, outcome.shard_id, segment.id,
       case form when 'fields' then 0 when 'response' then 1 when 'body' then 2 else 3 end,
       answer_offset, answer_length
  from outcome
  join job on job.id = outcome.job_id
  join segment on segment.job_id = outcome.job_id and segment.name = outcome.segment
 order by outcome.job_id, seq;
drop table outcome;
alter table new_outcome rename to outcome;
create index outcome_failed on outcome (job_number, seq) where failed = 1;
create index outcome_by_cause on outcome (job_number, status, cause, seq) where failed = 1;
