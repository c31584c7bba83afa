-- The provider's name for the file of requests, also when the batch runs, and how much of its life
-- was told as events: 1 that it was submitted, 2 that it ended there, 3 that it is over.
alter table batch add column sent_file text;
alter table batch add column told bigint not null default 0 check (told between 0 and 3);

-- Items of calls that their callers gave up: what was not sent is not sent any more.
create table unwanted (
    job_id text   not null references job (id) on delete cascade,
    seq    bigint not null check (seq >= 1),
    primary key (job_id, seq)
);
