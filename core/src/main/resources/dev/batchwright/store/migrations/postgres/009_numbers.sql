-- The index of outcomes is by far the largest table. With numbers where words were, a row is half
-- as large and takes half the time.
alter table job add column number bigint generated always as identity;
create unique index job_by_number on job (number);
alter table segment add column id bigint generated always as identity;
create unique index segment_by_id on segment (id);

-- Its job, shard and segment are no foreign keys: at a million rows the checks cost more than they
-- can find. The forms: 0 fields, 1 response, 2 body, 3 error.
create table new_outcome (
    job_number    bigint not null,
    seq           bigint not null,
    failed        smallint not null check (failed in (0, 1)),
    status        bigint not null,
    cause         text not null,
    attempts      bigint not null,
    input_tokens  bigint not null,
    cached_tokens bigint not null,
    output_tokens bigint not null,
    cost          bigint not null,
    shard_id      bigint not null,
    segment_id    bigint not null,
    form          smallint not null check (form between 0 and 3),
    answer_offset bigint not null,
    answer_length bigint not null,
    primary key (job_number, seq)
);
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
 order by job.number, seq;
drop table outcome;
alter table new_outcome rename to outcome;
create index outcome_failed on outcome (job_number, seq) where failed = 1;
create index outcome_by_cause on outcome (job_number, status, cause, seq) where failed = 1;
