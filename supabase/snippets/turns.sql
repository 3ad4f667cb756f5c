-- When each kind of books was last compared.
select keeper, taken_at, ended_at, reached_at, is_under_way from ops.turns order by keeper;
