-- The item that answers a call. Its job is no foreign key: a call of a job that is gone is found out
-- when it is asked for, and its row goes when its time is over.
create table call (
    hash_high  bigint not null,
    hash_low   bigint not null,
    number     bigint not null check (number >= 1),
    job_id     text   not null,
    seq        bigint not null check (seq >= 1),
    kept_until bigint not null,
    primary key (hash_high, hash_low, number)
);
