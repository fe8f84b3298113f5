CREATE SCHEMA sheaf;
CREATE TYPE sheaf.asked_intent AS (
	member_id uuid,
	ticket_key text,
	user_id uuid,
	key text,
	token_id uuid,
	operation text,
	amount bigint,
	destination text,
	to_member text,
	balance_id uuid,
	pays_again uuid
);
CREATE TYPE sheaf.limit_claim AS (
	intent_id uuid,
	rule text,
	subject text,
	period text,
	amount bigint,
	most bigint,
	times bigint
);
CREATE TYPE sheaf.planned_intent AS (
	ordinal integer,
	branch_id integer,
	id uuid,
	number text,
	operation text,
	member_id uuid,
	member_version integer,
	bank_account_id uuid,
	account_version integer,
	amount bigint,
	fee bigint,
	currency text,
	channel text,
	produce text,
	weigh_ticket text,
	ticket_key text,
	note text,
	documents text[],
	state text,
	batch_id uuid,
	line integer,
	quorum text[],
	hold_id uuid,
	source_id uuid,
	destination text,
	counterparty_branch_id integer,
	counterparty_member_id uuid,
	post_fee bigint,
	advance bigint,
	duplicate_reason text,
	held bigint,
	charges jsonb,
	tags text[],
	claims jsonb,
	expires_at timestamp with time zone,
	maker_id uuid,
	actor text,
	device_id uuid,
	correlation_id text,
	home_branch integer,
	key text,
	fingerprint text,
	token_id uuid,
	status integer,
	reply text,
	detail text,
	radar_since timestamp with time zone,
	pays_again uuid,
	tier_total bigint,
	business_day timestamp with time zone
);
CREATE FUNCTION sheaf.add_batch_lines(p_branch integer, p_items jsonb, p_at timestamp with time zone) RETURNS integer[]
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    AS ea733f0639410d27;
CREATE FUNCTION sheaf.advances_of(p_items sheaf.asked_intent[]) RETURNS json
    LANGUAGE sql STABLE
    AS 728eb81871340da2;
CREATE FUNCTION sheaf.all_branches() RETURNS TABLE(id integer, code text, name_th text, name_en text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 42e4ec3721008a1c;
ALTER FUNCTION sheaf.all_branches() OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.anchor_audit(p_at timestamp with time zone) RETURNS bytea
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 3991e4d68f873904;
CREATE FUNCTION sheaf.append_audit(p_branch integer, p_at timestamp with time zone, p_actor text, p_device uuid, p_tag text, p_subject text, p_detail text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS e9109dfd5e8ca506;
CREATE FUNCTION sheaf.append_audits(p_at timestamp with time zone, p_branches integer[], p_actors text[], p_devices uuid[], p_tags text[], p_subjects text[], p_details text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS ad63083b3ff4fb48;
CREATE FUNCTION sheaf.append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS 874e6d0d9333924b;
CREATE FUNCTION sheaf.ask_bank_now(p_intent uuid, p_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS aebf18faa2fba70a;
CREATE FUNCTION sheaf.audit_hash(previous bytea, branch_id integer, sequence bigint, at timestamp with time zone, actor text, device_id uuid, tag text, subject text, detail text) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS c5626dabf9f94ff2;
CREATE FUNCTION sheaf.balances_of(p_items sheaf.asked_intent[]) RETURNS json
    LANGUAGE sql STABLE
    AS 232001ee5e3a46f2;
CREATE FUNCTION sheaf.batch_day_sum(p_batch uuid, p_day timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET enable_seqscan TO 'off'
    AS 6e6ba6eb4a1482d1;
CREATE FUNCTION sheaf.begin_feed_history() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 368a3c2156b8a76b;
CREATE PROCEDURE sheaf.belongs_to_branch(VARIADIC tables text[])
    LANGUAGE plpgsql
    AS c451f25a7b60cadd;
CREATE PROCEDURE sheaf.belongs_to_company(VARIADIC tables text[])
    LANGUAGE plpgsql
    AS 3979c1923d995a61;
CREATE FUNCTION sheaf.branches() RETURNS integer[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS e47e245e0a16c694;
CREATE FUNCTION sheaf.check_charges() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS c2adf033959c7312;
CREATE FUNCTION sheaf.check_deposit_money() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 60c924f72a43bf14;
CREATE FUNCTION sheaf.check_intent_state() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 7c620e4b8e191c08;
CREATE FUNCTION sheaf.check_quorum() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS 4b9d1f4e5382265f;
CREATE FUNCTION sheaf.check_route_gaps() RETURNS trigger
    LANGUAGE plpgsql
    AS 93fbc09a876206af;
CREATE FUNCTION sheaf.check_signed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS b8fcae6392965f54;
CREATE FUNCTION sheaf.check_sources() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 20848c02d6b7c255;
CREATE FUNCTION sheaf.check_state() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 2f9d175f02e9e218;
CREATE FUNCTION sheaf.check_statement_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 54bfbb683c756bdf;
CREATE FUNCTION sheaf.check_statement_hole() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS f9aec1ea260c39ba;
CREATE FUNCTION sheaf.check_transit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS b6574cb97075a290;
CREATE FUNCTION sheaf.compact_feed(p_turn xid8, p_id bigint, p_rows integer, OUT turn xid8, OUT id bigint, OUT gone integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS b800e076aaf1c3a6;
CREATE FUNCTION sheaf.day_sums(p_members uuid[], p_operations text[], p_banks boolean[], p_days timestamp with time zone[], p_less text DEFAULT NULL::text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS a18c140829704d06;
ALTER FUNCTION sheaf.day_sums(p_members uuid[], p_operations text[], p_banks boolean[], p_days timestamp with time zone[], p_less text) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.disputed(p_member uuid, p_operation text, p_pays_again uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 770cb492470eeb46;
CREATE FUNCTION sheaf.doubts() RETURNS TABLE(channel text, doubts bigint, total bigint, oldest timestamp with time zone, flagged bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 111ae3be4b3cff4e;
ALTER FUNCTION sheaf.doubts() OWNER TO sheaf_everywhere;
CREATE TABLE sheaf.company_rule (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    code text NOT NULL,
    revision integer NOT NULL,
    kind text NOT NULL,
    scope text NOT NULL,
    name_th text NOT NULL,
    name_en text NOT NULL,
    expression text NOT NULL,
    single_amount bigint,
    day_amount bigint,
    day_count integer,
    month_amount bigint,
    month_count integer,
    enabled boolean NOT NULL,
    effective_from date NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    maker_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT company_rule_branch_id_check CHECK ((branch_id = 0)),
    CONSTRAINT company_rule_check CHECK (((kind = 'limit'::text) = (scope <> ''::text))),
    CONSTRAINT company_rule_check1 CHECK (((kind = 'limit'::text) = (num_nonnulls(single_amount, day_amount, day_count, month_amount, month_count) > 0))),
    CONSTRAINT company_rule_code_check CHECK ((code ~ '^[a-z][a-z0-9-]{1,39}$'::text)),
    CONSTRAINT company_rule_day_amount_check CHECK ((day_amount >= 0)),
    CONSTRAINT company_rule_day_count_check CHECK ((day_count >= 0)),
    CONSTRAINT company_rule_expression_check CHECK (((length(expression) >= 1) AND (length(expression) <= 1000))),
    CONSTRAINT company_rule_kind_check CHECK ((kind = ANY (ARRAY['pre_fee'::text, 'post_fee'::text, 'limit'::text]))),
    CONSTRAINT company_rule_month_amount_check CHECK ((month_amount >= 0)),
    CONSTRAINT company_rule_month_count_check CHECK ((month_count >= 0)),
    CONSTRAINT company_rule_name_en_check CHECK (((length(name_en) >= 1) AND (length(name_en) <= 80))),
    CONSTRAINT company_rule_name_th_check CHECK (((length(name_th) >= 1) AND (length(name_th) <= 80))),
    CONSTRAINT company_rule_revision_check CHECK ((revision >= 1)),
    CONSTRAINT company_rule_scope_check CHECK ((scope = ANY (ARRAY[''::text, 'member'::text, 'branch'::text, 'maker'::text, 'approver'::text, 'company'::text]))),
    CONSTRAINT company_rule_single_amount_check CHECK ((single_amount >= 0))
);
ALTER TABLE ONLY sheaf.company_rule FORCE ROW LEVEL SECURITY;
CREATE FUNCTION sheaf.effective_rules(p_at timestamp with time zone) RETURNS SETOF sheaf.company_rule
    LANGUAGE sql STABLE
    AS 010b1594efd75f67;
CREATE FUNCTION sheaf.end_reservations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS d56de10ef83d66eb;
CREATE FUNCTION sheaf.endings(p_since timestamp with time zone) RETURNS TABLE(channel text, state text, actor text, payments bigint, first timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS e14e830fc1d5fd76;
ALTER FUNCTION sheaf.endings(p_since timestamp with time zone) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.exceptions() RETURNS TABLE(result text, lines bigint, oldest timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 0547db21038e4f3c;
ALTER FUNCTION sheaf.exceptions() OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.executor_lanes() RETURNS TABLE(branch_id integer, channel text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 620820e6903b9da5;
ALTER FUNCTION sheaf.executor_lanes() OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.executor_queues(p_now timestamp with time zone) RETURNS TABLE(queue text, waiting bigint, oldest timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 53763600c9d55658;
ALTER FUNCTION sheaf.executor_queues(p_now timestamp with time zone) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.explain_deposit_line() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 9c07e85b2ffc92e1;
CREATE FUNCTION sheaf.feed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS b25a6460abdf61b4;
CREATE FUNCTION sheaf.feed_ahead() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS bc233a7981111d09;
CREATE FUNCTION sheaf.feed_identity() RETURNS bigint
    LANGUAGE sql STABLE
    AS d887edb31514abb5;
CREATE FUNCTION sheaf.feed_last_turn() RETURNS xid8
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 5cb6d902de88597f;
ALTER FUNCTION sheaf.feed_last_turn() OWNER TO sheaf_everywhere;
CREATE TABLE sheaf.feed_life (
    number integer NOT NULL,
    token text NOT NULL,
    history integer NOT NULL,
    server bigint NOT NULL,
    system bigint NOT NULL,
    timeline text NOT NULL,
    feed oid NOT NULL,
    first_turn xid8 NOT NULL,
    CONSTRAINT feed_life_token_check CHECK ((token ~ '^[0-9a-f]{12}$'::text))
);
CREATE FUNCTION sheaf.feed_life_now() RETURNS sheaf.feed_life
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS a3e7b9688b3d1dcc;
CREATE FUNCTION sheaf.feed_look(p_token text, p_turn xid8, OUT before xid8, OUT token text, OUT standing text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS ffd8880d85446d1b;
CREATE FUNCTION sheaf.feed_news(after_turn xid8, after_id bigint, before xid8) RETURNS TABLE(branch_id integer, turn xid8, id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS f42d613ae058e64b;
ALTER FUNCTION sheaf.feed_news(after_turn xid8, after_id bigint, before xid8) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.feed_paid_again() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 25f45821ba908b96;
CREATE FUNCTION sheaf.feed_turn() RETURNS xid8
    LANGUAGE sql
    AS c8e544fc5f5cd73f;
CREATE FUNCTION sheaf.find_members(p_sight integer[], p_query text, p_whole bytea, p_after uuid, p_limit integer) RETURNS uuid[]
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
    AS 6d035c7a6c940ca2;
CREATE FUNCTION sheaf.give_limits_back() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 838c5ff96968ca51;
CREATE FUNCTION sheaf.guard_advance() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 2817dd797bb989fe;
CREATE FUNCTION sheaf.guard_attempt() RETURNS trigger
    LANGUAGE plpgsql
    AS 4fa5528330d9a618;
CREATE FUNCTION sheaf.guard_bank_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 510325306d259bd8;
CREATE FUNCTION sheaf.guard_bank_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 2c26b927aee0a8ae;
CREATE FUNCTION sheaf.guard_capital() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 59de1965a32a6ce0;
CREATE FUNCTION sheaf.guard_deposit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 247ad405b60fc841;
CREATE FUNCTION sheaf.guard_deposit_sign_off() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 32a2c3d77f4f0fc0;
CREATE FUNCTION sheaf.guard_document() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 60184e98509ed084;
CREATE FUNCTION sheaf.guard_ending() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS dec5317f96a9eda8;
CREATE FUNCTION sheaf.guard_intent() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 1b43d2ebc562e9ef;
CREATE FUNCTION sheaf.guard_position() RETURNS trigger
    LANGUAGE plpgsql
    AS 72f42be325d43d9a;
CREATE FUNCTION sheaf.guard_restore() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 2b7d8842b9eaee5c;
CREATE FUNCTION sheaf.guard_routes() RETURNS trigger
    LANGUAGE plpgsql
    AS f5fa16ba24ca3ced;
CREATE FUNCTION sheaf.guard_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 3e18e906a74d6554;
CREATE FUNCTION sheaf.guard_set_aside() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 316a1e05888a6d19;
CREATE FUNCTION sheaf.guard_sign_off() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 01d0df7a6348c444;
CREATE FUNCTION sheaf.guard_statement() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS ff27e0f222501e49;
CREATE FUNCTION sheaf.guard_witness() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 776255cb4505b327;
CREATE FUNCTION sheaf.is_living(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS b3f7cc4dee3c0f75;
CREATE FUNCTION sheaf.is_signed(p_kind text, p_case uuid, p_maker uuid, p_quorum text[]) RETURNS boolean
    LANGUAGE sql STABLE
    AS b2c5a71991b06f7e;
CREATE FUNCTION sheaf.keep_answer_of_case() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 52536588048af315;
CREATE FUNCTION sheaf.keep_callback(p_id uuid, p_at timestamp with time zone, p_body bytea, p_reference text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 30cad918fabbaa87;
CREATE FUNCTION sheaf.knows_reference(p_reference text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 1fc7966854c40e07;
ALTER FUNCTION sheaf.knows_reference(p_reference text) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.likely_duplicates(p_places integer[], p_branches integer[], p_members uuid[], p_amounts bigint[], p_tickets text[], p_banks boolean[], p_own uuid[], p_since timestamp with time zone, p_batch uuid DEFAULT NULL::uuid) RETURNS TABLE(place integer, kind text, branch_id integer, number text, at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 506d5a15d4f031a4;
ALTER FUNCTION sheaf.likely_duplicates(p_places integer[], p_branches integer[], p_members uuid[], p_amounts bigint[], p_tickets text[], p_banks boolean[], p_own uuid[], p_since timestamp with time zone, p_batch uuid) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.lock_accounts(p_accounts uuid[], p_holds uuid[], p_reversed uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS c4c462c49aa8fe88;
CREATE FUNCTION sheaf.lock_advances(advances uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 40c2034bf7d45868;
CREATE FUNCTION sheaf.lock_available(account uuid) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS adb1f74835689d81;
CREATE FUNCTION sheaf.lock_endings(p_intents uuid[], p_batches uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS 8b31fb5eb893b52b;
CREATE FUNCTION sheaf.lock_free(p_accounts uuid[]) RETURNS TABLE(id uuid, free bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS c673d49cc57cb24b;
CREATE FUNCTION sheaf.lock_limits(p_claims jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS d521a99e51dc3a50;
CREATE FUNCTION sheaf.look_up_members(p_sight integer[], p_ids uuid[], p_codes text[]) RETURNS TABLE(id uuid, branch_id integer, branch text, code text, name text, national_id_last4 text, phone text, status text, version integer, account_id uuid, account_version integer, bank text, number_cipher bytea, number_digest bytea, number_last4 text, account_name text, effective_at timestamp with time zone, checked_at timestamp with time zone, bank_name text, account_status text, match integer, asked_state text, asked_at timestamp with time zone)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS 10d6c4a2c9fa17b5;
CREATE FUNCTION sheaf.members_anywhere(ids uuid[]) RETURNS TABLE(id uuid, code text, name text, status text, branch_id integer, branch text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 2a89e330015f7b6b;
ALTER FUNCTION sheaf.members_anywhere(ids uuid[]) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.mirror_reversals(p_transfers uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 19aeddccaf7c1cbf;
CREATE FUNCTION sheaf.mismatches() RETURNS TABLE(channel text, payments bigint, total bigint, oldest timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 6e2d4098c14b931f;
ALTER FUNCTION sheaf.mismatches() OWNER TO sheaf_everywhere;
CREATE PROCEDURE sheaf.needs_signatures(IN kind text, IN tab text, IN source text, IN target text, IN quorum text[] DEFAULT NULL::text[])
    LANGUAGE plpgsql
    AS dfb6584cb00fc6c2;
CREATE PROCEDURE sheaf.never_changes(VARIADIC tables text[])
    LANGUAGE plpgsql
    AS 5f3e69bcacea0822;
CREATE FUNCTION sheaf.news_of_case() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 59cab93e4fe99e09;
CREATE FUNCTION sheaf.oldest_code() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 923271382ab3078a;
CREATE FUNCTION sheaf.originals_of(p_items sheaf.asked_intent[], p_branch integer) RETURNS json
    LANGUAGE sql STABLE
    AS 4181874dbedce7da;
CREATE FUNCTION sheaf.overdrawn(p_items sheaf.planned_intent[]) RETURNS integer[]
    LANGUAGE plpgsql
    AS ababcd4b402bdd2d;
CREATE FUNCTION sheaf.overtaken(p_items sheaf.planned_intent[]) RETURNS integer[]
    LANGUAGE plpgsql
    AS 653db2ab9b5168e4;
CREATE FUNCTION sheaf.post_entries() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS 62a35f12d0e92827;
CREATE FUNCTION sheaf.post_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 0c68923292a6af17;
CREATE FUNCTION sheaf.prune(p_kind text, p_at timestamp with time zone, p_most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS a339c12054e2b47f;
CREATE FUNCTION sheaf.push_revocation() RETURNS trigger
    LANGUAGE plpgsql
    AS 480c6717d0d2a1ae;
CREATE PROCEDURE sheaf.put_policy(IN tab text, IN sight text)
    LANGUAGE plpgsql
    AS 16cba9f1595f12e0;
CREATE FUNCTION sheaf.recipients(codes text[]) RETURNS TABLE(id uuid, code text, name text, status text, branch_id integer, branch text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS ef840510702eca8c;
ALTER FUNCTION sheaf.recipients(codes text[]) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.recipients_of(p_items sheaf.asked_intent[]) RETURNS json
    LANGUAGE sql STABLE
    AS c30146ddb0cc7a81;
CREATE FUNCTION sheaf.record_claims(p_claims jsonb, p_branch integer) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS c0f9a44d1b1fb1ff;
CREATE FUNCTION sheaf.refuse_impossible_way() RETURNS trigger
    LANGUAGE plpgsql
    AS 39f2ab15f386e661;
CREATE FUNCTION sheaf.reserve_advances() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 8f0741de308a2b34;
CREATE FUNCTION sheaf.returns_taken(p_intents uuid[]) RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS d89e98a0e4bf5d01;
CREATE FUNCTION sheaf.route_table_at(at timestamp with time zone) RETURNS uuid
    LANGUAGE sql STABLE
    AS 1f221fe0caeaf76b;
CREATE FUNCTION sheaf.routes_in_force(at timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    AS 25b7e3665a07a00c;
CREATE FUNCTION sheaf.routes_of(wanted uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    AS a45005ff60e0b7ac;
CREATE FUNCTION sheaf.rules_in_force(p_at timestamp with time zone) RETURNS json
    LANGUAGE sql STABLE
    AS 9604d7632a808d6c;
CREATE FUNCTION sheaf.sessions() RETURNS TABLE(used bigint, most integer, idle_since timestamp with time zone, writing_since timestamp with time zone, hidden bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 38020e449d280b99;
ALTER FUNCTION sheaf.sessions() OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.signature_stands(p_user uuid, p_role text, p_branch integer, p_device uuid, p_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 95c2510d1e2814ed;
ALTER FUNCTION sheaf.signature_stands(p_user uuid, p_role text, p_branch integer, p_device uuid, p_at timestamp with time zone) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.submission_facts(p_asked jsonb, p_numbers integer, p_at timestamp with time zone, p_since timestamp with time zone) RETURNS json
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS db4ea47c384bcd12;
CREATE FUNCTION sheaf.submit_intents(p_sight integer[], p_items jsonb, p_at timestamp with time zone) RETURNS json
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_material TO 'off'
    SET enable_bitmapscan TO 'off'
    AS 86227c0c4c804336;
CREATE FUNCTION sheaf.suspect_line(p_batch uuid, p_branch integer, p_since timestamp with time zone) RETURNS TABLE(line integer, kind text, branch_id integer, number text, at timestamp with time zone)
    LANGUAGE plpgsql
    AS 882d2767d7dedfba;
CREATE FUNCTION sheaf.suspects_of(p_asked jsonb, p_since timestamp with time zone) RETURNS json
    LANGUAGE sql STABLE
    AS f6da24d2cd1fa8be;
CREATE FUNCTION sheaf.take(p_key bytea, p_burst integer, p_seconds double precision, p_at timestamp with time zone) RETURNS double precision
    LANGUAGE plpgsql
    SET search_path TO 'sheaf', 'pg_temp'
    AS e505b58bd58af033;
CREATE FUNCTION sheaf.take_limits(p_claims jsonb, p_branch integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 34a9496f9525a2ef;
CREATE FUNCTION sheaf.tell_void_signatures(p_user uuid, p_device uuid, p_at timestamp with time zone) RETURNS TABLE(branch_id integer, entity text, entity_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS edf50dff3291ff46;
CREATE PROCEDURE sheaf.tells_desks(IN tab text, IN entity text, IN key text, IN updates boolean DEFAULT false)
    LANGUAGE plpgsql
    AS 799af4f68ec90233;
CREATE FUNCTION sheaf.treasurer_names() RETURNS TABLE(name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 46caae438c4897c7;
ALTER FUNCTION sheaf.treasurer_names() OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.under_way() RETURNS TABLE(channel text, payments bigint, overdue timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS eb0adde7b25d8fbc;
ALTER FUNCTION sheaf.under_way() OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.use_limits(p_claims jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS a1d88e004711ccbb;
CREATE FUNCTION sheaf.user_names(ids uuid[]) RETURNS TABLE(id uuid, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS b96e88164029f365;
ALTER FUNCTION sheaf.user_names(ids uuid[]) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.void_signatures(p_user uuid, p_device uuid) RETURNS TABLE(branch_id integer, entity text, entity_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS 09bd7d272d294340;
ALTER FUNCTION sheaf.void_signatures(p_user uuid, p_device uuid) OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.waiting_by_channel() RETURNS TABLE(channel text, waiting bigint, total bigint, oldest timestamp with time zone, expires timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS aff8b6e1422cd654;
ALTER FUNCTION sheaf.waiting_by_channel() OWNER TO sheaf_everywhere;
CREATE FUNCTION sheaf.waiting_by_lane() RETURNS TABLE(branch text, channel text, waiting bigint, oldest timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS b7414d028aa334a5;
ALTER FUNCTION sheaf.waiting_by_lane() OWNER TO sheaf_everywhere;
CREATE PROCEDURE sheaf.walks(IN tab text, IN machine text, IN state text DEFAULT 'state'::text)
    LANGUAGE plpgsql
    AS ecd824089cad0fed;
CREATE FUNCTION sheaf.withdrawn_intents(p_intents uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    AS acc73f0ac7987b7c;
CREATE FUNCTION sheaf.write_intents(p_items sheaf.planned_intent[], p_evidence text, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS 02b4d741e931c387;
CREATE FUNCTION sheaf.write_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'sheaf', 'pg_temp'
    AS dade57ba26aed568;
CREATE TABLE sheaf.company_account (
    digest bytea NOT NULL,
    branch_id integer NOT NULL,
    last4 text NOT NULL,
    active boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT company_account_branch_id_check CHECK ((branch_id = 0)),
    CONSTRAINT company_account_last4_check CHECK ((last4 ~ '^[0-9]{4}$'::text))
);
ALTER TABLE ONLY sheaf.company_account FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.statement (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    account_digest bytea NOT NULL,
    account_last4 text NOT NULL,
    "position" integer NOT NULL,
    number text NOT NULL,
    format text NOT NULL,
    date date NOT NULL,
    opening bigint NOT NULL,
    closing bigint NOT NULL,
    line_count integer NOT NULL,
    file_name text CONSTRAINT statement_file_name_not_null1 NOT NULL,
    content text NOT NULL,
    sha256 text NOT NULL,
    imported_at timestamp with time zone NOT NULL,
    set_aside_at timestamp with time zone,
    set_aside_by uuid,
    CONSTRAINT statement_day_has_come CHECK ((date <= ((imported_at AT TIME ZONE 'Asia/Bangkok'::text))::date)),
    CONSTRAINT statement_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'mt940'::text]))),
    CONSTRAINT statement_position_check CHECK (("position" >= 1)),
    CONSTRAINT statement_set_aside CHECK (((set_aside_at IS NULL) = (set_aside_by IS NULL)))
);
ALTER TABLE ONLY sheaf.statement FORCE ROW LEVEL SECURITY;
CREATE VIEW sheaf.accepted_statement WITH (security_invoker='true') AS
 SELECT id,
    branch_id,
    account_digest,
    account_last4,
    "position",
    number,
    format,
    date,
    opening,
    closing,
    line_count,
    file_name,
    content,
    sha256,
    imported_at,
    set_aside_at,
    set_aside_by
   FROM sheaf.statement s
  WHERE ((set_aside_at IS NULL) AND (EXISTS ( SELECT
           FROM sheaf.company_account c
          WHERE (c.digest = s.account_digest))));
CREATE TABLE sheaf.statement_line (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    statement_id uuid NOT NULL,
    sequence integer NOT NULL,
    booked_at timestamp with time zone NOT NULL,
    amount bigint NOT NULL,
    balance bigint NOT NULL,
    reference text NOT NULL,
    bank_reference text NOT NULL,
    description text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT statement_line_kind_check CHECK ((kind = ANY (ARRAY['debit'::text, 'credit'::text, 'reversal'::text, 'fee'::text])))
);
ALTER TABLE ONLY sheaf.statement_line FORCE ROW LEVEL SECURITY;
CREATE VIEW sheaf.accepted_line WITH (security_invoker='true') AS
 SELECT l.id,
    l.branch_id,
    l.statement_id,
    l.sequence,
    l.booked_at,
    l.amount,
    l.balance,
    l.reference,
    l.bank_reference,
    l.description,
    l.kind
   FROM (sheaf.statement_line l
     JOIN sheaf.accepted_statement s ON ((s.id = l.statement_id)));
CREATE TABLE sheaf.account_check (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    member_id uuid NOT NULL,
    bank_account_id uuid,
    bank_change_id uuid,
    check_run_id uuid,
    state text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    requested_by text NOT NULL,
    checked_at timestamp with time zone,
    bank_name text DEFAULT ''::text NOT NULL,
    account_status text DEFAULT ''::text NOT NULL,
    match integer DEFAULT 0 NOT NULL,
    CONSTRAINT account_check_check CHECK (((state = 'requested'::text) = (checked_at IS NULL))),
    CONSTRAINT account_check_check1 CHECK ((num_nonnulls(bank_account_id, bank_change_id) > 0)),
    CONSTRAINT account_check_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'done'::text, 'failed'::text])))
);
ALTER TABLE ONLY sheaf.account_check FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.advance (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    number text NOT NULL,
    member_id uuid NOT NULL,
    document text NOT NULL,
    note text NOT NULL,
    amount bigint NOT NULL,
    basis_points integer NOT NULL,
    "least" bigint NOT NULL,
    most bigint,
    state text NOT NULL,
    reserved bigint DEFAULT 0 NOT NULL,
    deducted bigint DEFAULT 0 NOT NULL,
    maker_id uuid NOT NULL,
    quorum text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT advance_amount_check CHECK ((amount > 0)),
    CONSTRAINT advance_basis_points_check CHECK (((basis_points >= 0) AND (basis_points <= 10000))),
    CONSTRAINT advance_check CHECK (((most > 0) AND (most >= "least"))),
    CONSTRAINT advance_check1 CHECK (((basis_points > 0) OR ("least" > 0))),
    CONSTRAINT advance_check2 CHECK ((((reserved + deducted) = 0) OR (state = ANY (ARRAY['effective'::text, 'repaid'::text])))),
    CONSTRAINT advance_deducted_check CHECK ((deducted >= 0)),
    CONSTRAINT advance_document_check CHECK (((length(document) >= 1) AND (length(document) <= 60))),
    CONSTRAINT advance_least_check CHECK (("least" >= 0)),
    CONSTRAINT advance_owed CHECK (((reserved + deducted) <= amount)),
    CONSTRAINT advance_quorum_check CHECK (((quorum <@ '{manager,treasurer}'::text[]) AND (cardinality(quorum) > 0))),
    CONSTRAINT advance_reserved_check CHECK ((reserved >= 0))
);
ALTER TABLE ONLY sheaf.advance FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE sheaf.advance_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE sheaf.alarm (
    way text NOT NULL,
    name text NOT NULL,
    subject text NOT NULL,
    id text NOT NULL,
    level text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    says_en text NOT NULL,
    says_th text NOT NULL,
    told text,
    told_at timestamp with time zone,
    count integer DEFAULT 0 NOT NULL,
    better_at timestamp with time zone,
    ended_at timestamp with time zone
);
CREATE TABLE sheaf.alarm_sender (
    only_one boolean DEFAULT true NOT NULL,
    holder uuid NOT NULL,
    process text NOT NULL,
    until_at timestamp with time zone NOT NULL,
    CONSTRAINT alarm_sender_only_one_check CHECK (only_one)
);
CREATE TABLE sheaf.alarm_way (
    way text NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    failing_since timestamp with time zone,
    failure text DEFAULT ''::text NOT NULL
);
CREATE TABLE sheaf.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE sheaf.app_user (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    totp_secret bytea NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    wrong_codes integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT app_user_username_check CHECK ((username = lower(username)))
);
ALTER TABLE ONLY sheaf.app_user FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.bank_change (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    number text NOT NULL,
    member_id uuid NOT NULL,
    old_version integer NOT NULL,
    bank text NOT NULL,
    number_cipher bytea NOT NULL,
    number_digest bytea NOT NULL,
    number_last4 text NOT NULL,
    account_name text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    maker_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL
);
ALTER TABLE ONLY sheaf.bank_change FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.batch (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    number text NOT NULL,
    state text NOT NULL,
    count integer NOT NULL,
    total bigint NOT NULL,
    note text NOT NULL,
    file_sha256 text NOT NULL,
    maker_id uuid NOT NULL,
    quorum text[] DEFAULT '{}'::text[] NOT NULL,
    hold_id uuid,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT batch_count_check CHECK (((count >= 1) AND (count <= 50000))),
    CONSTRAINT batch_quorum_check CHECK ((quorum <@ '{manager,treasurer}'::text[])),
    CONSTRAINT batch_total_check CHECK ((total > 0))
);
ALTER TABLE ONLY sheaf.batch FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.deposit (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    number text NOT NULL,
    amount bigint NOT NULL,
    received_on date NOT NULL,
    payer text NOT NULL,
    reference text NOT NULL,
    reason text NOT NULL,
    duplicate_reason text NOT NULL,
    statement_line_id uuid,
    document_sha256 text,
    state text NOT NULL,
    transfer_id uuid,
    maker_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT deposit_amount_check CHECK ((amount > 0)),
    CONSTRAINT deposit_branch_id_check CHECK ((branch_id = 0)),
    CONSTRAINT deposit_document_sha256_check CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT deposit_evidence CHECK (((statement_line_id IS NOT NULL) OR (document_sha256 IS NOT NULL))),
    CONSTRAINT deposit_payer_check CHECK (((length(payer) >= 1) AND (length(payer) <= 120))),
    CONSTRAINT deposit_proved CHECK (((state <> 'reconciled'::text) OR (statement_line_id IS NOT NULL))),
    CONSTRAINT deposit_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT deposit_transfer CHECK (((state = ANY (ARRAY['recorded'::text, 'reconciled'::text])) = (transfer_id IS NOT NULL)))
);
ALTER TABLE ONLY sheaf.deposit FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.funding (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    number text NOT NULL,
    amount bigint NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    maker_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT funding_amount_check CHECK ((amount > 0))
);
ALTER TABLE ONLY sheaf.funding FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.restore (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    report_id uuid CONSTRAINT restore_report_id_not_null1 NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    maker_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT restore_branch_id_check CHECK ((branch_id = 0)),
    CONSTRAINT restore_reason_check CHECK ((reason <> ''::text))
);
ALTER TABLE ONLY sheaf.restore FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.route_table (
    id uuid NOT NULL,
    effective_from timestamp with time zone NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    maker_id uuid,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL
);
CREATE TABLE sheaf.set_aside (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    statement_id uuid NOT NULL,
    action text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    maker_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT set_aside_action_check CHECK ((action = ANY (ARRAY['set_aside'::text, 'take_again'::text]))),
    CONSTRAINT set_aside_branch_id_check CHECK ((branch_id = 0)),
    CONSTRAINT set_aside_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);
ALTER TABLE ONLY sheaf.set_aside FORCE ROW LEVEL SECURITY;
CREATE VIEW sheaf.approval_case WITH (security_invoker='true') AS
 SELECT 'batch'::text AS kind,
    batch.id,
    batch.branch_id,
    batch.maker_id,
    (batch.state = ANY (ARRAY['validated'::text, 'authorized'::text])) AS waits,
    NULL::timestamp with time zone AS begins
   FROM sheaf.batch
UNION ALL
 SELECT 'bank_change'::text AS kind,
    bank_change.id,
    bank_change.branch_id,
    bank_change.maker_id,
    (bank_change.state = 'requested'::text) AS waits,
    NULL::timestamp with time zone AS begins
   FROM sheaf.bank_change
UNION ALL
 SELECT 'funding'::text AS kind,
    funding.id,
    funding.branch_id,
    funding.maker_id,
    (funding.state = 'requested'::text) AS waits,
    NULL::timestamp with time zone AS begins
   FROM sheaf.funding
UNION ALL
 SELECT 'advance'::text AS kind,
    advance.id,
    advance.branch_id,
    advance.maker_id,
    (advance.state = 'requested'::text) AS waits,
    NULL::timestamp with time zone AS begins
   FROM sheaf.advance
UNION ALL
 SELECT 'deposit'::text AS kind,
    deposit.id,
    deposit.branch_id,
    deposit.maker_id,
    (deposit.state = 'requested'::text) AS waits,
    NULL::timestamp with time zone AS begins
   FROM sheaf.deposit
UNION ALL
 SELECT 'set_aside'::text AS kind,
    set_aside.id,
    set_aside.branch_id,
    set_aside.maker_id,
    (set_aside.state = 'requested'::text) AS waits,
    NULL::timestamp with time zone AS begins
   FROM sheaf.set_aside
UNION ALL
 SELECT 'restore'::text AS kind,
    restore.id,
    restore.branch_id,
    restore.maker_id,
    (restore.state = ANY (ARRAY['requested'::text, 'approved'::text])) AS waits,
    NULL::timestamp with time zone AS begins
   FROM sheaf.restore
UNION ALL
 SELECT 'rule'::text AS kind,
    company_rule.id,
    company_rule.branch_id,
    company_rule.maker_id,
    (company_rule.state = 'proposed'::text) AS waits,
        CASE company_rule.state
            WHEN 'approved'::text THEN ((company_rule.effective_from)::timestamp without time zone AT TIME ZONE 'Asia/Bangkok'::text)
            ELSE NULL::timestamp with time zone
        END AS begins
   FROM sheaf.company_rule
UNION ALL
 SELECT 'routes'::text AS kind,
    route_table.id,
    0 AS branch_id,
    route_table.maker_id,
    (route_table.state = 'proposed'::text) AS waits,
        CASE route_table.state
            WHEN 'approved'::text THEN route_table.effective_from
            ELSE NULL::timestamp with time zone
        END AS begins
   FROM sheaf.route_table;
CREATE TABLE sheaf.attempt (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    intent_id uuid NOT NULL,
    ordinal integer NOT NULL,
    bank_reference text NOT NULL,
    state text NOT NULL,
    executor_id bigint NOT NULL,
    token text DEFAULT ''::text NOT NULL,
    payee_name text DEFAULT ''::text NOT NULL,
    evidence text DEFAULT ''::text NOT NULL,
    told text DEFAULT ''::text NOT NULL,
    prepared_at timestamp with time zone NOT NULL,
    confirming_at timestamp with time zone,
    ended_at timestamp with time zone,
    inquiries integer DEFAULT 0 NOT NULL,
    inquire_at timestamp with time zone,
    taken_at timestamp with time zone,
    payer_digest bytea,
    flagged_at timestamp with time zone,
    spent boolean DEFAULT false NOT NULL,
    mismatched_at timestamp with time zone,
    CONSTRAINT attempt_bank_reference_check CHECK ((bank_reference ~ '^[A-Z0-9]{1,16}$'::text)),
    CONSTRAINT attempt_evidence_check CHECK ((evidence ~ '^[a-z_]*$'::text)),
    CONSTRAINT attempt_ordinal_check CHECK ((ordinal >= 1))
);
ALTER TABLE ONLY sheaf.attempt FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.audit_anchor (
    at timestamp with time zone NOT NULL,
    heads jsonb NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE sheaf.audit_entry (
    branch_id integer NOT NULL,
    sequence bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    device_id uuid,
    tag text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL
);
ALTER TABLE ONLY sheaf.audit_entry FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.audit_head (
    branch_id integer NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL
);
ALTER TABLE ONLY sheaf.audit_head FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.backup (
    id text NOT NULL,
    branch_id integer NOT NULL,
    way text NOT NULL,
    size bigint NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    cause text NOT NULL,
    problem text NOT NULL,
    CONSTRAINT backup_branch_id_check CHECK ((branch_id = 0)),
    CONSTRAINT backup_size_check CHECK ((size >= 0)),
    CONSTRAINT backup_way_check CHECK ((way = ANY (ARRAY['base'::text, 'dump'::text, ''::text])))
);
ALTER TABLE ONLY sheaf.backup FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.backup_proof (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    backup_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    seconds integer NOT NULL,
    cause text NOT NULL,
    problem text NOT NULL,
    entries bigint NOT NULL,
    payments integer NOT NULL,
    documents integer NOT NULL,
    statements integer NOT NULL,
    CONSTRAINT backup_proof_branch_id_check CHECK ((branch_id = 0))
);
ALTER TABLE ONLY sheaf.backup_proof FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.bank_account (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    member_id uuid NOT NULL,
    version integer NOT NULL,
    bank text NOT NULL,
    number_cipher bytea NOT NULL,
    number_digest bytea NOT NULL,
    number_last4 text NOT NULL,
    name text NOT NULL,
    bank_change_id uuid,
    effective_at timestamp with time zone NOT NULL,
    CONSTRAINT bank_account_bank_check CHECK ((bank ~ '^[0-9]{3}$'::text)),
    CONSTRAINT bank_account_version_check CHECK ((version >= 1))
);
ALTER TABLE ONLY sheaf.bank_account FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE sheaf.batch_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE sheaf.branch (
    id integer NOT NULL,
    code text NOT NULL,
    name_th text NOT NULL,
    name_en text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT branch_code_check CHECK ((code ~ '^[A-Z0-9]{2,8}$'::text))
);
ALTER TABLE ONLY sheaf.branch FORCE ROW LEVEL SECURITY;
CREATE UNLOGGED TABLE sheaf.bucket (
    key bytea NOT NULL,
    full_at timestamp with time zone NOT NULL,
    CONSTRAINT bucket_key_check CHECK ((length(key) = 16))
);
CREATE TABLE sheaf.callback_inbox (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    body bytea NOT NULL,
    outcome text DEFAULT 'stored'::text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    transaction_id text DEFAULT ''::text NOT NULL,
    stranger boolean DEFAULT false NOT NULL
);
CREATE SEQUENCE sheaf.case_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE sheaf.change_feed (
    xid xid8 NOT NULL,
    id bigint NOT NULL,
    branch_id integer NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL
);
ALTER TABLE ONLY sheaf.change_feed FORCE ROW LEVEL SECURITY;
ALTER TABLE sheaf.change_feed ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME sheaf.change_feed_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE sheaf.channel_state (
    channel text NOT NULL,
    executor_id bigint NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    since timestamp with time zone NOT NULL,
    told text DEFAULT ''::text NOT NULL,
    CONSTRAINT channel_state_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text])))
);
CREATE TABLE sheaf.check_run (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    asked_by text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    good_until timestamp with time zone NOT NULL,
    paid_since timestamp with time zone,
    state text DEFAULT 'running'::text NOT NULL,
    reached uuid,
    round integer DEFAULT 1 NOT NULL,
    total integer NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT check_run_check CHECK (((state = 'running'::text) = (ended_at IS NULL))),
    CONSTRAINT check_run_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text])))
);
ALTER TABLE ONLY sheaf.check_run FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.definitions (
    digest text NOT NULL,
    number bigint NOT NULL
);
ALTER TABLE sheaf.definitions ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME sheaf.definitions_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE sheaf.deposit_document (
    deposit_id uuid NOT NULL,
    branch_id integer NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL,
    content_cipher bytea NOT NULL,
    CONSTRAINT deposit_document_sha256_check1 CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT deposit_document_size_check CHECK ((size > 0))
);
ALTER TABLE ONLY sheaf.deposit_document FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.deposit_document_view (
    deposit_id uuid NOT NULL,
    branch_id integer NOT NULL,
    user_id uuid NOT NULL,
    sha256 text NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY sheaf.deposit_document_view FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE sheaf.deposit_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE sheaf.device (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    name text NOT NULL,
    public_key bytea NOT NULL,
    state text NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    approved_by uuid,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT device_public_key_check CHECK ((length(public_key) = 32))
);
ALTER TABLE ONLY sheaf.device FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.document (
    bank_change_id uuid NOT NULL,
    sha256 text NOT NULL,
    branch_id integer NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL,
    content_cipher bytea NOT NULL,
    added_by uuid NOT NULL,
    added_at timestamp with time zone NOT NULL,
    CONSTRAINT document_media_type_check CHECK ((media_type = ANY (ARRAY['image/jpeg'::text, 'image/png'::text, 'application/pdf'::text]))),
    CONSTRAINT document_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT document_size_check CHECK (((size > 0) AND (size <= 10485760)))
);
ALTER TABLE ONLY sheaf.document FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.document_view (
    bank_change_id uuid NOT NULL,
    sha256 text NOT NULL,
    branch_id integer NOT NULL,
    user_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY sheaf.document_view FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.enrolment_code (
    digest bytea NOT NULL,
    branch_id integer NOT NULL,
    created_by uuid,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);
ALTER TABLE ONLY sheaf.enrolment_code FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.executor (
    id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    beat_at timestamp with time zone
);
ALTER TABLE sheaf.executor ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME sheaf.executor_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE sheaf.executor_position (
    file_id uuid NOT NULL,
    "position" bigint NOT NULL,
    beats bigint DEFAULT 1 NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT executor_position_position_check CHECK (("position" >= 0))
);
CREATE SEQUENCE sheaf.feed_ahead
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;
CREATE SEQUENCE sheaf.feed_first
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;
CREATE SEQUENCE sheaf.feed_server
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;
CREATE SEQUENCE sheaf.funding_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE sheaf.idempotency_key (
    user_id uuid NOT NULL,
    branch_id integer NOT NULL,
    verb text NOT NULL,
    key text NOT NULL,
    body_digest text NOT NULL,
    status integer,
    reply bytea,
    at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY sheaf.idempotency_key FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.intent (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    number text NOT NULL,
    operation text NOT NULL,
    member_id uuid NOT NULL,
    bank_account_id uuid,
    account_version integer NOT NULL,
    amount bigint NOT NULL,
    fee bigint DEFAULT 0 NOT NULL,
    post_fee bigint DEFAULT 0 NOT NULL,
    advance bigint DEFAULT 0 NOT NULL,
    payout bigint GENERATED ALWAYS AS (((amount - post_fee) - advance)) STORED,
    currency text NOT NULL,
    channel text NOT NULL,
    source_id uuid NOT NULL,
    destination text DEFAULT 'bank'::text NOT NULL,
    counterparty_branch_id integer,
    counterparty_member_id uuid,
    duplicate_reason text DEFAULT ''::text NOT NULL,
    pays_again uuid,
    produce text NOT NULL,
    weigh_ticket text NOT NULL,
    ticket_key text DEFAULT ''::text NOT NULL,
    note text NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    documents text[] DEFAULT '{}'::text[] NOT NULL,
    maker_id uuid NOT NULL,
    state text NOT NULL,
    batch_id uuid,
    line integer DEFAULT 0 NOT NULL,
    quorum text[] DEFAULT '{}'::text[] NOT NULL,
    hold_id uuid,
    failure_code text DEFAULT ''::text NOT NULL,
    failure_text text DEFAULT ''::text NOT NULL,
    correlation_id text DEFAULT '-'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT intent_advance_check CHECK ((advance >= 0)),
    CONSTRAINT intent_amount_check CHECK ((amount > 0)),
    CONSTRAINT intent_currency_check CHECK ((currency = 'THB'::text)),
    CONSTRAINT intent_destination CHECK ((((bank_account_id IS NOT NULL) = (destination = 'bank'::text)) AND ((counterparty_branch_id IS NULL) = (counterparty_member_id IS NULL)) AND ((operation = 'transfer'::text) = (counterparty_member_id IS NOT NULL)) AND (counterparty_member_id IS DISTINCT FROM member_id) AND ((operation <> 'transfer'::text) OR (destination = 'balance'::text)) AND ((operation <> 'withdrawal'::text) OR (destination = 'bank'::text)) AND ((advance = 0) OR (operation = 'disbursement'::text)))),
    CONSTRAINT intent_destination_check CHECK ((destination = ANY (ARRAY['bank'::text, 'balance'::text]))),
    CONSTRAINT intent_fee_check CHECK ((fee >= 0)),
    CONSTRAINT intent_operation_check CHECK ((operation = ANY (ARRAY['disbursement'::text, 'transfer'::text, 'withdrawal'::text, 'collection'::text]))),
    CONSTRAINT intent_payout_check CHECK ((payout > 0)),
    CONSTRAINT intent_pays_another CHECK ((pays_again IS DISTINCT FROM id)),
    CONSTRAINT intent_post_fee_check CHECK ((post_fee >= 0)),
    CONSTRAINT intent_quorum_check CHECK ((quorum <@ '{manager,treasurer}'::text[])),
    CONSTRAINT intent_tags_check CHECK ((cardinality(tags) <= 32)),
    CONSTRAINT intent_ticket_key CHECK ((((ticket_key = ''::text) = (weigh_ticket = ''::text)) AND (ticket_key !~ '[a-z๐-๙\t\n\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2212\ufeff\uff01-\uff5e]|(?<![0-9]) | (?![0-9])'::text)))
);
ALTER TABLE ONLY sheaf.intent FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.intent_charge (
    intent_id uuid NOT NULL,
    ordinal integer NOT NULL,
    branch_id integer NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    account_id uuid NOT NULL,
    rule_id uuid,
    advance_id uuid,
    CONSTRAINT intent_charge_advance CHECK (((kind = 'advance'::text) = (advance_id IS NOT NULL))),
    CONSTRAINT intent_charge_amount_check CHECK ((amount > 0)),
    CONSTRAINT intent_charge_kind_check CHECK ((kind = ANY (ARRAY['pre_fee'::text, 'post_fee'::text, 'advance'::text]))),
    CONSTRAINT intent_charge_ordinal_check CHECK ((ordinal >= 1))
);
ALTER TABLE ONLY sheaf.intent_charge FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.intent_event (
    intent_id uuid NOT NULL,
    branch_id integer NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    evidence text NOT NULL
);
ALTER TABLE ONLY sheaf.intent_event FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.job (
    name text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    holder bigint DEFAULT 0 NOT NULL,
    held_until timestamp with time zone,
    begun_at timestamp with time zone,
    ended_at timestamp with time zone,
    outcome text DEFAULT ''::text NOT NULL,
    told text DEFAULT ''::text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    CONSTRAINT job_outcome_check CHECK ((outcome = ANY (ARRAY[''::text, 'done'::text, 'failed'::text])))
);
CREATE TABLE sheaf.key_canary (
    key text NOT NULL,
    proof bytea NOT NULL,
    CONSTRAINT key_canary_key_check CHECK ((key = ANY (ARRAY['vault'::text, 'roles'::text])))
);
CREATE TABLE sheaf.last_proof (
    name text NOT NULL,
    at timestamp with time zone NOT NULL,
    good boolean NOT NULL,
    told text NOT NULL,
    bad_since timestamp with time zone
);
CREATE TABLE sheaf.ledger_account (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    name text NOT NULL,
    purpose text NOT NULL,
    member_id uuid,
    currency text NOT NULL,
    posted bigint DEFAULT 0 NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    minimum bigint,
    CONSTRAINT ledger_account_bound CHECK (((minimum IS NULL) OR ((posted - held) >= minimum))),
    CONSTRAINT ledger_account_currency_check CHECK ((currency = 'THB'::text)),
    CONSTRAINT ledger_account_held_check CHECK ((held >= 0)),
    CONSTRAINT ledger_account_member CHECK (((purpose <> ALL (ARRAY['payable'::text, 'advance'::text])) OR (member_id IS NOT NULL))),
    CONSTRAINT ledger_account_minimum CHECK ((minimum >= 0)),
    CONSTRAINT ledger_account_owed CHECK (((purpose <> 'advance'::text) OR (posted <= 0))),
    CONSTRAINT ledger_account_purpose CHECK ((purpose = ANY (ARRAY['capital'::text, 'treasury'::text, 'clearing'::text, 'funding'::text, 'transit'::text, 'paid'::text, 'payable'::text, 'fees'::text, 'advance'::text, 'lent'::text]))),
    CONSTRAINT ledger_account_unbound CHECK (((minimum IS NOT NULL) OR (purpose = ANY (ARRAY['capital'::text, 'clearing'::text, 'advance'::text]))))
)
WITH (fillfactor='70');
ALTER TABLE ONLY sheaf.ledger_account FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.ledger_entry (
    transfer_id uuid NOT NULL,
    account_id uuid NOT NULL,
    branch_id integer NOT NULL,
    posted bigint DEFAULT 0 NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    CONSTRAINT ledger_entry_check CHECK (((posted <> 0) OR (held <> 0)))
);
ALTER TABLE ONLY sheaf.ledger_entry FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.ledger_hold (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    account_id uuid NOT NULL,
    amount bigint NOT NULL,
    remaining bigint NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT ledger_hold_amount_check CHECK ((amount > 0)),
    CONSTRAINT ledger_hold_check CHECK (((remaining >= 0) AND (remaining <= amount)))
);
ALTER TABLE ONLY sheaf.ledger_hold FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.ledger_transfer (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    kind text NOT NULL,
    hold_id uuid,
    intent_id uuid,
    subject text NOT NULL,
    reverses uuid,
    expires_at timestamp with time zone,
    at timestamp with time zone NOT NULL,
    CONSTRAINT ledger_transfer_check CHECK (((kind = 'reversal'::text) = (reverses IS NOT NULL))),
    CONSTRAINT ledger_transfer_expiry CHECK (((expires_at IS NULL) OR ((kind = 'hold'::text) AND (expires_at > at)))),
    CONSTRAINT ledger_transfer_is_hold CHECK (((kind <> 'hold'::text) OR (hold_id = id))),
    CONSTRAINT ledger_transfer_kind CHECK ((kind = ANY (ARRAY['hold'::text, 'post'::text, 'void'::text, 'expire'::text, 'transfer'::text, 'reversal'::text]))),
    CONSTRAINT ledger_transfer_of_hold CHECK (((kind = ANY (ARRAY['hold'::text, 'post'::text, 'void'::text, 'expire'::text])) = (hold_id IS NOT NULL)))
);
ALTER TABLE ONLY sheaf.ledger_transfer FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.lifecycle_edges (
    machine text NOT NULL,
    source text NOT NULL,
    target text NOT NULL
);
CREATE TABLE sheaf.lifecycle_initial (
    machine text NOT NULL,
    state text NOT NULL
);
CREATE TABLE sheaf.limit_take (
    intent_id uuid NOT NULL,
    rule text NOT NULL,
    subject text NOT NULL,
    period text NOT NULL,
    branch_id integer NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT limit_take_amount_check CHECK ((amount > 0))
);
ALTER TABLE ONLY sheaf.limit_take FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.limit_usage (
    rule text NOT NULL,
    subject text NOT NULL,
    period text NOT NULL,
    amount bigint DEFAULT 0 NOT NULL,
    count bigint DEFAULT 0 NOT NULL,
    CONSTRAINT limit_usage_amount_check CHECK ((amount >= 0)),
    CONSTRAINT limit_usage_count_check CHECK ((count >= 0)),
    CONSTRAINT limit_usage_period_check CHECK ((period ~ '^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$'::text))
);
ALTER TABLE ONLY sheaf.limit_usage FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.member (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    name_sort text NOT NULL COLLATE pg_catalog."C",
    national_id_cipher bytea NOT NULL,
    national_id_digest bytea NOT NULL,
    national_id_last4 text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    code_key text NOT NULL,
    name_key text NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    status text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT member_code_check CHECK (((length(code) >= 1) AND (length(code) <= 40))),
    CONSTRAINT member_keys CHECK (((code_key !~ '[ a-z๐-๙\t\n\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2064\u2066-\u206f\u2212\ufeff\uff01-\uff5e]'::text) AND (code_key <> ''::text) AND (name_key !~ '[a-z๐-๙\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\uff01-\uff5e]'::text))),
    CONSTRAINT member_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120))),
    CONSTRAINT member_tags_check CHECK ((cardinality(tags) <= 32))
);
ALTER TABLE ONLY sheaf.member FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.operation_token (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    user_id uuid NOT NULL,
    device_id uuid NOT NULL,
    verb text NOT NULL,
    resources_digest text NOT NULL,
    content_digest text NOT NULL,
    signature bytea NOT NULL,
    with_code boolean NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);
ALTER TABLE ONLY sheaf.operation_token FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.payment_route (
    table_id uuid NOT NULL,
    ordinal integer NOT NULL,
    operation text NOT NULL,
    bank text NOT NULL,
    amounts int8range NOT NULL,
    week int4multirange NOT NULL,
    channel text NOT NULL,
    CONSTRAINT payment_route_amounts_check CHECK (((lower(amounts) >= 1) AND (upper(amounts) IS NOT NULL))),
    CONSTRAINT payment_route_bank_check CHECK ((bank ~ '^([0-9]{3}|ours)?$'::text)),
    CONSTRAINT payment_route_channel_check CHECK ((channel ~ '^[a-z][a-z0-9_]{0,31}$'::text)),
    CONSTRAINT payment_route_door CHECK ((((channel = 'internal'::text) = ((operation = 'transfer'::text) OR (bank = 'ours'::text))) AND (NOT ((operation = 'withdrawal'::text) AND (bank = 'ours'::text))))),
    CONSTRAINT payment_route_operation_check CHECK ((operation = ANY (ARRAY['disbursement'::text, 'transfer'::text, 'withdrawal'::text, 'collection'::text]))),
    CONSTRAINT payment_route_ordinal_check CHECK ((ordinal >= 1)),
    CONSTRAINT payment_route_week_check CHECK (((week <> '{}'::int4multirange) AND (week <@ '{[0,10080)}'::int4multirange)))
);
CREATE TABLE sheaf.process (
    kind text NOT NULL,
    name text NOT NULL,
    instance uuid NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    place text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    stopped_at timestamp with time zone,
    facts text DEFAULT '{}'::text NOT NULL,
    CONSTRAINT process_kind_check CHECK ((kind = ANY (ARRAY['api'::text, 'executor'::text, 'statements'::text, 'deliveries'::text]))),
    CONSTRAINT process_name_check CHECK (((length(name) >= 1) AND (length(name) <= 120)))
)
WITH (fillfactor='50');
CREATE TABLE sheaf.reconciliation (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    statement_line_id uuid,
    intent_id uuid,
    attempt_id uuid,
    result text NOT NULL,
    amount_expected bigint NOT NULL,
    amount_found bigint NOT NULL,
    reference text NOT NULL,
    reason text NOT NULL,
    date date NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT reconciliation_result_check CHECK ((result = ANY (ARRAY['matched'::text, 'mismatched'::text, 'settlement_pending'::text, 'missing_settlement'::text, 'unexpected'::text, 'returned'::text, 'fee'::text, 'set_aside'::text])))
);
ALTER TABLE ONLY sheaf.reconciliation FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.refresh_token (
    digest bytea NOT NULL,
    branch_id integer NOT NULL,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL,
    device_id uuid NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);
ALTER TABLE ONLY sheaf.refresh_token FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.refusal_log (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    verb text NOT NULL,
    code text NOT NULL,
    user_id uuid,
    device_id uuid,
    correlation_id text NOT NULL
);
CREATE TABLE sheaf.restore_report (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    digest text NOT NULL,
    body bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT restore_report_branch_id_check CHECK ((branch_id = 0)),
    CONSTRAINT restore_report_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
);
ALTER TABLE ONLY sheaf.restore_report FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.restore_witness (
    id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    found_at timestamp with time zone NOT NULL,
    restore_id uuid,
    CONSTRAINT restore_witness_kind_check CHECK ((kind = ANY (ARRAY['position'::text, 'history'::text, 'no_file'::text, 'damaged_file'::text, 'desk'::text, 'person'::text])))
);
CREATE TABLE sheaf.revocation (
    id uuid NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT revocation_kind_check CHECK ((kind = ANY (ARRAY['session'::text, 'device'::text, 'user'::text])))
);
CREATE TABLE sheaf.sign_in_attempt (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    username text NOT NULL,
    device_id uuid,
    outcome text NOT NULL
);
CREATE TABLE sheaf.sign_off (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    kind text NOT NULL,
    case_id uuid,
    user_id uuid NOT NULL,
    role text NOT NULL,
    device_id uuid NOT NULL,
    decision text NOT NULL,
    reason text NOT NULL,
    digest text NOT NULL,
    signature bytea NOT NULL,
    set_bytes bytea,
    at timestamp with time zone NOT NULL,
    CONSTRAINT sign_off_case CHECK (((case_id IS NULL) = (kind = 'intents'::text))),
    CONSTRAINT sign_off_decision_check CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text]))),
    CONSTRAINT sign_off_kind_check CHECK ((kind = ANY (ARRAY['intents'::text, 'batch'::text, 'bank_change'::text, 'funding'::text, 'advance'::text, 'deposit'::text, 'rule'::text, 'routes'::text, 'set_aside'::text, 'restore'::text]))),
    CONSTRAINT sign_off_set CHECK (((set_bytes IS NOT NULL) = (kind = ANY (ARRAY['intents'::text, 'batch'::text]))))
);
ALTER TABLE ONLY sheaf.sign_off FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.sign_off_item (
    sign_off_id uuid NOT NULL,
    branch_id integer NOT NULL,
    intent_id uuid NOT NULL,
    user_id uuid NOT NULL,
    item_digest text NOT NULL
);
ALTER TABLE ONLY sheaf.sign_off_item FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.statement_fetch (
    id uuid NOT NULL,
    branch_id integer NOT NULL,
    state text NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    files integer DEFAULT 0 NOT NULL,
    lines integer DEFAULT 0 NOT NULL,
    matched integer DEFAULT 0 NOT NULL,
    problems jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT statement_fetch_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'running'::text, 'done'::text, 'failed'::text])))
);
ALTER TABLE ONLY sheaf.statement_fetch FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.statement_file (
    sha256 text NOT NULL,
    branch_id integer NOT NULL,
    name text NOT NULL,
    outcome text NOT NULL,
    problem text NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    problem_line integer DEFAULT 0 NOT NULL,
    CONSTRAINT statement_file_outcome_check CHECK ((outcome = ANY (ARRAY['imported'::text, 'copy'::text, 'empty'::text, 'waiting'::text, 'refused'::text, 'set_aside'::text]))),
    CONSTRAINT statement_file_problem_check CHECK ((problem ~ '^[a-z_]*$'::text)),
    CONSTRAINT statement_file_problem_line_check CHECK ((problem_line >= 0)),
    CONSTRAINT statement_file_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
ALTER TABLE ONLY sheaf.statement_file FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.used_code (
    user_id uuid NOT NULL,
    branch_id integer NOT NULL,
    step bigint NOT NULL
);
ALTER TABLE ONLY sheaf.used_code FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.user_role (
    user_id uuid NOT NULL,
    branch_id integer NOT NULL,
    role text NOT NULL,
    since timestamp with time zone DEFAULT '2000-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    CONSTRAINT user_role_role_check CHECK ((role = ANY (ARRAY['cashier'::text, 'manager'::text, 'treasurer'::text, 'auditor'::text, 'administrator'::text])))
);
ALTER TABLE ONLY sheaf.user_role FORCE ROW LEVEL SECURITY;
CREATE TABLE sheaf.void_approval (
    kind text NOT NULL,
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT void_approval_kind_check CHECK ((kind = ANY (ARRAY['rule'::text, 'routes'::text])))
);
CREATE SEQUENCE sheaf.voucher_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE sheaf.write_probe (
    name text NOT NULL,
    at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY sheaf.account_check
    ADD CONSTRAINT account_check_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.advance
    ADD CONSTRAINT advance_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.advance
    ADD CONSTRAINT advance_number_key UNIQUE (number);
ALTER TABLE ONLY sheaf.advance
    ADD CONSTRAINT advance_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.alarm
    ADD CONSTRAINT alarm_pkey PRIMARY KEY (way, name, subject);
ALTER TABLE ONLY sheaf.alarm_sender
    ADD CONSTRAINT alarm_sender_pkey PRIMARY KEY (only_one);
ALTER TABLE ONLY sheaf.alarm_way
    ADD CONSTRAINT alarm_way_pkey PRIMARY KEY (way);
ALTER TABLE ONLY sheaf.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY sheaf.app_user
    ADD CONSTRAINT app_user_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.app_user
    ADD CONSTRAINT app_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.attempt
    ADD CONSTRAINT attempt_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.attempt
    ADD CONSTRAINT attempt_intent_id_ordinal_key UNIQUE (intent_id, ordinal);
ALTER TABLE ONLY sheaf.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.audit_anchor
    ADD CONSTRAINT audit_anchor_pkey PRIMARY KEY (at);
ALTER TABLE ONLY sheaf.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (branch_id, sequence);
ALTER TABLE ONLY sheaf.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (branch_id);
ALTER TABLE ONLY sheaf.backup
    ADD CONSTRAINT backup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.backup_proof
    ADD CONSTRAINT backup_proof_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.bank_account
    ADD CONSTRAINT bank_account_bank_change_id_key UNIQUE (bank_change_id);
ALTER TABLE ONLY sheaf.bank_account
    ADD CONSTRAINT bank_account_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.bank_account
    ADD CONSTRAINT bank_account_member_id_version_key UNIQUE (member_id, version);
ALTER TABLE ONLY sheaf.bank_account
    ADD CONSTRAINT bank_account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.bank_change
    ADD CONSTRAINT bank_change_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.bank_change
    ADD CONSTRAINT bank_change_number_key UNIQUE (number);
ALTER TABLE ONLY sheaf.bank_change
    ADD CONSTRAINT bank_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.batch
    ADD CONSTRAINT batch_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.batch
    ADD CONSTRAINT batch_number_key UNIQUE (number);
ALTER TABLE ONLY sheaf.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.branch
    ADD CONSTRAINT branch_code_key UNIQUE (code);
ALTER TABLE ONLY sheaf.branch
    ADD CONSTRAINT branch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.bucket
    ADD CONSTRAINT bucket_pkey PRIMARY KEY (key);
ALTER TABLE ONLY sheaf.callback_inbox
    ADD CONSTRAINT callback_inbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.change_feed
    ADD CONSTRAINT change_feed_pkey PRIMARY KEY (xid, id);
ALTER TABLE ONLY sheaf.channel_state
    ADD CONSTRAINT channel_state_pkey PRIMARY KEY (channel, executor_id);
ALTER TABLE ONLY sheaf.check_run
    ADD CONSTRAINT check_run_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.check_run
    ADD CONSTRAINT check_run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.company_account
    ADD CONSTRAINT company_account_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY sheaf.company_rule
    ADD CONSTRAINT company_rule_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.company_rule
    ADD CONSTRAINT company_rule_code_revision_key UNIQUE (code, revision);
ALTER TABLE ONLY sheaf.company_rule
    ADD CONSTRAINT company_rule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.definitions
    ADD CONSTRAINT definitions_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY sheaf.deposit
    ADD CONSTRAINT deposit_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.deposit_document
    ADD CONSTRAINT deposit_document_pkey PRIMARY KEY (deposit_id);
ALTER TABLE ONLY sheaf.deposit_document_view
    ADD CONSTRAINT deposit_document_view_pkey PRIMARY KEY (deposit_id, user_id);
ALTER TABLE ONLY sheaf.deposit
    ADD CONSTRAINT deposit_number_key UNIQUE (number);
ALTER TABLE ONLY sheaf.deposit
    ADD CONSTRAINT deposit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.deposit
    ADD CONSTRAINT deposit_transfer_id_key UNIQUE (transfer_id);
ALTER TABLE ONLY sheaf.device
    ADD CONSTRAINT device_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (bank_change_id, sha256);
ALTER TABLE ONLY sheaf.document_view
    ADD CONSTRAINT document_view_pkey PRIMARY KEY (bank_change_id, sha256, user_id);
ALTER TABLE ONLY sheaf.enrolment_code
    ADD CONSTRAINT enrolment_code_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY sheaf.executor
    ADD CONSTRAINT executor_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.executor_position
    ADD CONSTRAINT executor_position_pkey PRIMARY KEY (file_id);
ALTER TABLE ONLY sheaf.feed_life
    ADD CONSTRAINT feed_life_pkey PRIMARY KEY (number);
ALTER TABLE ONLY sheaf.feed_life
    ADD CONSTRAINT feed_life_token_key UNIQUE (token);
ALTER TABLE ONLY sheaf.funding
    ADD CONSTRAINT funding_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.funding
    ADD CONSTRAINT funding_number_key UNIQUE (number);
ALTER TABLE ONLY sheaf.funding
    ADD CONSTRAINT funding_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (user_id, verb, key);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.intent_charge
    ADD CONSTRAINT intent_charge_pkey PRIMARY KEY (intent_id, ordinal);
ALTER TABLE ONLY sheaf.intent_event
    ADD CONSTRAINT intent_event_pkey PRIMARY KEY (intent_id, version);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_number_key UNIQUE (number);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (name);
ALTER TABLE ONLY sheaf.key_canary
    ADD CONSTRAINT key_canary_pkey PRIMARY KEY (key);
ALTER TABLE ONLY sheaf.last_proof
    ADD CONSTRAINT last_proof_pkey PRIMARY KEY (name);
ALTER TABLE ONLY sheaf.ledger_account
    ADD CONSTRAINT ledger_account_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.ledger_account
    ADD CONSTRAINT ledger_account_name_key UNIQUE (name);
ALTER TABLE ONLY sheaf.ledger_account
    ADD CONSTRAINT ledger_account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.ledger_entry
    ADD CONSTRAINT ledger_entry_pkey PRIMARY KEY (transfer_id, account_id);
ALTER TABLE ONLY sheaf.ledger_hold
    ADD CONSTRAINT ledger_hold_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.ledger_transfer
    ADD CONSTRAINT ledger_transfer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.lifecycle_edges
    ADD CONSTRAINT lifecycle_edges_pkey PRIMARY KEY (machine, source, target);
ALTER TABLE ONLY sheaf.lifecycle_initial
    ADD CONSTRAINT lifecycle_initial_pkey PRIMARY KEY (machine, state);
ALTER TABLE ONLY sheaf.limit_take
    ADD CONSTRAINT limit_take_pkey PRIMARY KEY (intent_id, rule, subject, period);
ALTER TABLE ONLY sheaf.limit_usage
    ADD CONSTRAINT limit_usage_pkey PRIMARY KEY (rule, subject, period);
ALTER TABLE ONLY sheaf.member
    ADD CONSTRAINT member_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.operation_token
    ADD CONSTRAINT operation_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.payment_route
    ADD CONSTRAINT payment_route_overlap EXCLUDE USING gist (table_id WITH =, operation WITH =, bank WITH =, amounts WITH &&, week WITH &&);
ALTER TABLE ONLY sheaf.payment_route
    ADD CONSTRAINT payment_route_pkey PRIMARY KEY (table_id, ordinal);
ALTER TABLE ONLY sheaf.process
    ADD CONSTRAINT process_instance_key UNIQUE (instance);
ALTER TABLE ONLY sheaf.process
    ADD CONSTRAINT process_pkey PRIMARY KEY (kind, name);
ALTER TABLE ONLY sheaf.reconciliation
    ADD CONSTRAINT reconciliation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.reconciliation
    ADD CONSTRAINT reconciliation_statement_line_id_key UNIQUE (statement_line_id);
ALTER TABLE ONLY sheaf.refresh_token
    ADD CONSTRAINT refresh_token_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY sheaf.refusal_log
    ADD CONSTRAINT refusal_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.restore
    ADD CONSTRAINT restore_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.restore
    ADD CONSTRAINT restore_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.restore_report
    ADD CONSTRAINT restore_report_digest_key UNIQUE (digest);
ALTER TABLE ONLY sheaf.restore_report
    ADD CONSTRAINT restore_report_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.restore_witness
    ADD CONSTRAINT restore_witness_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.revocation
    ADD CONSTRAINT revocation_pkey PRIMARY KEY (kind, id, at);
ALTER TABLE ONLY sheaf.route_table
    ADD CONSTRAINT route_table_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.set_aside
    ADD CONSTRAINT set_aside_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.set_aside
    ADD CONSTRAINT set_aside_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.sign_in_attempt
    ADD CONSTRAINT sign_in_attempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.sign_off
    ADD CONSTRAINT sign_off_branch_id_id_user_id_key UNIQUE (branch_id, id, user_id);
ALTER TABLE ONLY sheaf.sign_off_item
    ADD CONSTRAINT sign_off_item_intent_id_user_id_key UNIQUE (intent_id, user_id);
ALTER TABLE ONLY sheaf.sign_off_item
    ADD CONSTRAINT sign_off_item_pkey PRIMARY KEY (sign_off_id, intent_id);
ALTER TABLE ONLY sheaf.sign_off
    ADD CONSTRAINT sign_off_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.statement_fetch
    ADD CONSTRAINT statement_fetch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.statement_file
    ADD CONSTRAINT statement_file_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY sheaf.statement_line
    ADD CONSTRAINT statement_line_branch_id_id_key UNIQUE (branch_id, id);
ALTER TABLE ONLY sheaf.statement_line
    ADD CONSTRAINT statement_line_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.statement_line
    ADD CONSTRAINT statement_line_statement_id_sequence_key UNIQUE (statement_id, sequence);
ALTER TABLE ONLY sheaf.statement
    ADD CONSTRAINT statement_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sheaf.used_code
    ADD CONSTRAINT used_code_pkey PRIMARY KEY (user_id, step);
ALTER TABLE ONLY sheaf.user_role
    ADD CONSTRAINT user_role_pkey PRIMARY KEY (user_id, role);
ALTER TABLE ONLY sheaf.void_approval
    ADD CONSTRAINT void_approval_pkey PRIMARY KEY (kind, id);
ALTER TABLE ONLY sheaf.write_probe
    ADD CONSTRAINT write_probe_pkey PRIMARY KEY (name);
CREATE INDEX account_check_case ON sheaf.account_check USING btree (bank_change_id, requested_at DESC) WHERE (bank_change_id IS NOT NULL);
CREATE INDEX account_check_checked ON sheaf.account_check USING btree (checked_at) WHERE (state <> 'requested'::text);
CREATE INDEX account_check_latest ON sheaf.account_check USING btree (bank_account_id, checked_at DESC) WHERE (state = 'done'::text);
CREATE INDEX account_check_queue ON sheaf.account_check USING btree (requested_at) WHERE (state = 'requested'::text);
CREATE INDEX account_check_run ON sheaf.account_check USING btree (check_run_id, requested_at DESC) WHERE (check_run_id IS NOT NULL);
CREATE INDEX account_check_unanswered ON sheaf.account_check USING btree (bank_account_id, requested_at DESC) WHERE (state <> 'done'::text);
CREATE UNIQUE INDEX advance_document ON sheaf.advance USING btree (branch_id, document) WHERE (state = ANY (ARRAY['requested'::text, 'effective'::text, 'repaid'::text]));
CREATE INDEX advance_owed_by ON sheaf.advance USING btree (member_id, id) WHERE (state = 'effective'::text);
CREATE INDEX advance_recent ON sheaf.advance USING btree (branch_id, id DESC);
CREATE UNIQUE INDEX app_user_username ON sheaf.app_user USING btree (username);
CREATE UNIQUE INDEX attempt_live ON sheaf.attempt USING btree (intent_id) WHERE (state <> ALL (ARRAY['accepted'::text, 'rejected'::text]));
CREATE UNIQUE INDEX attempt_reference ON sheaf.attempt USING btree (bank_reference);
CREATE INDEX attempt_under_way ON sheaf.attempt USING btree (executor_id, inquire_at) WHERE (state <> ALL (ARRAY['accepted'::text, 'rejected'::text]));
CREATE INDEX audit_entry_recent ON sheaf.audit_entry USING btree (at, branch_id, sequence);
CREATE INDEX audit_entry_tag ON sheaf.audit_entry USING btree (tag, at, branch_id, sequence);
CREATE INDEX backup_proof_recent ON sheaf.backup_proof USING btree (at);
CREATE INDEX backup_recent ON sheaf.backup USING btree (begun_at);
CREATE INDEX bank_account_last4 ON sheaf.bank_account USING btree (branch_id, number_last4);
CREATE INDEX bank_account_number ON sheaf.bank_account USING btree (number_digest);
CREATE UNIQUE INDEX bank_change_open ON sheaf.bank_change USING btree (member_id) WHERE (state = ANY (ARRAY['draft'::text, 'requested'::text]));
CREATE INDEX bank_change_recent ON sheaf.bank_change USING btree (branch_id, created_at DESC, id DESC);
CREATE INDEX batch_recent ON sheaf.batch USING btree (branch_id, id DESC);
CREATE INDEX batch_waiting ON sheaf.batch USING btree (state) WHERE (state = ANY (ARRAY['open'::text, 'validated'::text, 'authorized'::text]));
CREATE INDEX bucket_full ON sheaf.bucket USING btree (full_at);
CREATE INDEX callback_inbox_at ON sheaf.callback_inbox USING btree (at) WHERE (outcome <> 'stored'::text);
CREATE INDEX callback_inbox_event ON sheaf.callback_inbox USING btree (transaction_id) WHERE (transaction_id <> ''::text);
CREATE INDEX callback_inbox_reference ON sheaf.callback_inbox USING btree (reference) WHERE (reference <> ''::text);
CREATE INDEX callback_inbox_stored ON sheaf.callback_inbox USING btree (id) WHERE (outcome = 'stored'::text);
CREATE INDEX callback_inbox_stranger ON sheaf.callback_inbox USING btree (id) WHERE stranger;
CREATE INDEX change_feed_branch ON sheaf.change_feed USING btree (branch_id, xid, id);
CREATE INDEX change_feed_entity ON sheaf.change_feed USING btree (entity_id, xid, id);
CREATE UNIQUE INDEX check_run_open ON sheaf.check_run USING btree (branch_id) WHERE (state = 'running'::text);
CREATE INDEX check_run_recent ON sheaf.check_run USING btree (branch_id, begun_at DESC);
CREATE INDEX company_rule_in_force ON sheaf.company_rule USING btree (code, revision DESC) WHERE (state = 'approved'::text);
CREATE UNIQUE INDEX company_rule_open ON sheaf.company_rule USING btree (code) WHERE (state = 'proposed'::text);
CREATE UNIQUE INDEX deposit_document_once ON sheaf.deposit USING btree (document_sha256) WHERE (state = ANY (ARRAY['requested'::text, 'recorded'::text, 'reconciled'::text]));
CREATE UNIQUE INDEX deposit_line ON sheaf.deposit USING btree (statement_line_id) WHERE (state = ANY (ARRAY['requested'::text, 'recorded'::text, 'reconciled'::text]));
CREATE INDEX deposit_recent ON sheaf.deposit USING btree (branch_id, id DESC);
CREATE INDEX deposit_unproved ON sheaf.deposit USING btree (id) WHERE (state = 'recorded'::text);
CREATE UNIQUE INDEX device_key ON sheaf.device USING btree (public_key);
CREATE INDEX document_content ON sheaf.document USING btree (sha256);
CREATE INDEX funding_recent ON sheaf.funding USING btree (branch_id, id DESC);
CREATE INDEX idempotency_key_at ON sheaf.idempotency_key USING btree (at) WHERE (verb = ANY (ARRAY['open_batch'::text, 'request_bank_change'::text]));
CREATE UNIQUE INDEX intent_batch_line ON sheaf.intent USING btree (batch_id, line) WHERE (batch_id IS NOT NULL);
CREATE INDEX intent_batch_open ON sheaf.intent USING btree (batch_id) WHERE ((batch_id IS NOT NULL) AND (state = ANY (ARRAY['created'::text, 'validated'::text, 'authorized'::text, 'sent'::text, 'in_doubt'::text])));
CREATE INDEX intent_batch_state ON sheaf.intent USING btree (batch_id, state) WHERE (batch_id IS NOT NULL);
CREATE INDEX intent_event_outcome ON sheaf.intent_event USING btree (branch_id, state, at) WHERE (state = ANY (ARRAY['settled'::text, 'failed'::text, 'returned'::text]));
CREATE INDEX intent_expiry ON sheaf.intent USING btree (expires_at) WHERE (state = ANY (ARRAY['validated'::text, 'authorized'::text]));
CREATE INDEX intent_lane ON sheaf.intent USING btree (branch_id, channel, changed_at, id) WHERE (state = 'authorized'::text);
CREATE INDEX intent_member ON sheaf.intent USING btree (member_id, id DESC);
CREATE UNIQUE INDEX intent_paid_again ON sheaf.intent USING btree (pays_again) WHERE ((pays_again IS NOT NULL) AND (state <> ALL (ARRAY['rejected'::text, 'cancelled'::text, 'expired'::text, 'failed'::text])));
CREATE INDEX intent_recent ON sheaf.intent USING btree (branch_id, id DESC);
CREATE INDEX intent_returned ON sheaf.intent USING btree (member_id, id DESC) WHERE (state = 'returned'::text);
CREATE INDEX intent_state ON sheaf.intent USING btree (branch_id, state, id DESC);
CREATE UNIQUE INDEX intent_ticket ON sheaf.intent USING btree (ticket_key, branch_id) WHERE ((ticket_key <> ''::text) AND sheaf.is_living(state));
CREATE INDEX ledger_account_purpose ON sheaf.ledger_account USING btree (branch_id, purpose);
CREATE INDEX ledger_entry_statement ON sheaf.ledger_entry USING btree (account_id, transfer_id DESC);
CREATE INDEX ledger_hold_open ON sheaf.ledger_hold USING btree (account_id) WHERE (remaining > 0);
CREATE INDEX ledger_transfer_intent ON sheaf.ledger_transfer USING btree (intent_id) WHERE (intent_id IS NOT NULL);
CREATE UNIQUE INDEX ledger_transfer_reversed ON sheaf.ledger_transfer USING btree (reverses) WHERE (reverses IS NOT NULL);
CREATE UNIQUE INDEX member_code ON sheaf.member USING btree (code_key);
CREATE INDEX member_id_status ON sheaf.member USING btree (id, status);
CREATE INDEX member_name ON sheaf.member USING btree (branch_id, name_sort, id);
CREATE INDEX member_national_id ON sheaf.member USING btree (national_id_digest);
CREATE INDEX operation_token_expires ON sheaf.operation_token USING btree (expires_at);
CREATE INDEX reconciliation_intent ON sheaf.reconciliation USING btree (intent_id);
CREATE UNIQUE INDEX reconciliation_lineless ON sheaf.reconciliation USING btree (intent_id) WHERE (statement_line_id IS NULL);
CREATE INDEX reconciliation_nobodys ON sheaf.reconciliation USING btree (reference) WHERE ((statement_line_id IS NOT NULL) AND (attempt_id IS NULL) AND (result = 'unexpected'::text));
CREATE INDEX reconciliation_result ON sheaf.reconciliation USING btree (branch_id, result, id DESC);
CREATE INDEX reconciliation_unexplained ON sheaf.reconciliation USING btree (id) WHERE ((statement_line_id IS NOT NULL) AND (attempt_id IS NOT NULL) AND (result = ANY (ARRAY['settlement_pending'::text, 'mismatched'::text, 'unexpected'::text])));
CREATE INDEX reconciliation_unproven ON sheaf.reconciliation USING btree (id) WHERE ((statement_line_id IS NULL) AND (result = 'unexpected'::text));
CREATE INDEX refresh_token_device ON sheaf.refresh_token USING btree (device_id);
CREATE INDEX refresh_token_expires ON sheaf.refresh_token USING btree (expires_at);
CREATE INDEX refresh_token_family ON sheaf.refresh_token USING btree (family_id);
CREATE INDEX refresh_token_user ON sheaf.refresh_token USING btree (user_id);
CREATE INDEX refusal_log_at ON sheaf.refusal_log USING btree (at DESC);
CREATE UNIQUE INDEX restore_open ON sheaf.restore USING btree ((true)) WHERE (state = ANY (ARRAY['requested'::text, 'approved'::text]));
CREATE UNIQUE INDEX restore_witness_open ON sheaf.restore_witness USING btree (kind, subject) WHERE (restore_id IS NULL);
CREATE UNIQUE INDEX route_table_effective ON sheaf.route_table USING btree (effective_from) WHERE (state = 'approved'::text);
CREATE UNIQUE INDEX set_aside_open ON sheaf.set_aside USING btree (statement_id) WHERE (state = 'requested'::text);
CREATE INDEX sign_in_attempt_at ON sheaf.sign_in_attempt USING btree (at);
CREATE INDEX sign_in_attempt_user ON sheaf.sign_in_attempt USING btree (username, at DESC);
CREATE INDEX sign_off_device ON sheaf.sign_off USING btree (device_id);
CREATE UNIQUE INDEX sign_off_once ON sheaf.sign_off USING btree (case_id, user_id) WHERE (case_id IS NOT NULL);
CREATE INDEX sign_off_user ON sheaf.sign_off USING btree (user_id);
CREATE INDEX statement_fetch_ended ON sheaf.statement_fetch USING btree (requested_at) WHERE (state = ANY (ARRAY['done'::text, 'failed'::text]));
CREATE UNIQUE INDEX statement_fetch_open ON sheaf.statement_fetch USING btree ((true)) WHERE (state = ANY (ARRAY['requested'::text, 'running'::text]));
CREATE INDEX statement_file_not_taken ON sheaf.statement_file USING btree (changed_at DESC) WHERE (outcome = ANY (ARRAY['waiting'::text, 'refused'::text, 'set_aside'::text]));
CREATE INDEX statement_file_waiting ON sheaf.statement_file USING btree (sha256) WHERE (outcome = 'waiting'::text);
CREATE INDEX statement_line_reference ON sheaf.statement_line USING btree (reference) WHERE (reference <> ''::text);
CREATE UNIQUE INDEX statement_number ON sheaf.statement USING btree (account_digest, date, number) WHERE (set_aside_at IS NULL);
CREATE UNIQUE INDEX statement_position ON sheaf.statement USING btree (account_digest, "position") WHERE (set_aside_at IS NULL);
CREATE INDEX statement_put_aside ON sheaf.statement USING btree (id) WHERE (set_aside_at IS NOT NULL);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.audit_anchor FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.backup FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.backup_proof FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.deposit_document FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.deposit_document_view FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.document_view FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.intent_charge FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.intent_event FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OF id, branch_id, name, currency OR TRUNCATE ON sheaf.ledger_account FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.ledger_transfer FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.limit_take FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.payment_route FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.restore_report FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.sign_off FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.sign_off_item FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON sheaf.statement FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.statement_line FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sheaf.void_approval FOR EACH STATEMENT EXECUTE FUNCTION sheaf.append_only();
CREATE TRIGGER chain BEFORE INSERT ON sheaf.statement FOR EACH ROW EXECUTE FUNCTION sheaf.check_statement_chain();
CREATE CONSTRAINT TRIGGER charges_add_up AFTER INSERT ON sheaf.intent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((new.fee + new.post_fee) + new.advance) > 0)) EXECUTE FUNCTION sheaf.check_charges();
CREATE TRIGGER check_sources AFTER INSERT ON sheaf.intent REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION sheaf.check_sources();
CREATE TRIGGER end_reservations AFTER UPDATE ON sheaf.intent REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION sheaf.end_reservations();
CREATE TRIGGER ending BEFORE UPDATE OF state ON sheaf.intent FOR EACH ROW WHEN (((new.state = ANY (ARRAY['rejected'::text, 'cancelled'::text, 'expired'::text])) AND (new.state IS DISTINCT FROM old.state))) EXECUTE FUNCTION sheaf.guard_ending();
CREATE TRIGGER explain_line AFTER UPDATE ON sheaf.deposit FOR EACH ROW WHEN (((new.state = 'reconciled'::text) AND (old.state <> 'reconciled'::text))) EXECUTE FUNCTION sheaf.explain_deposit_line();
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.account_check REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('member', 'member_id');
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.bank_account REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('member', 'member_id');
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.bank_change REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('bank_change', 'id');
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.batch REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('batch', 'id');
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.document REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('bank_change', 'bank_change_id');
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.funding REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('funding', 'id');
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.intent REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('intent', 'id');
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.member REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('member', 'id');
CREATE TRIGGER feed_insert AFTER INSERT ON sheaf.sign_off_item REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('intent', 'intent_id');
CREATE TRIGGER feed_paid_again_insert AFTER INSERT ON sheaf.intent REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed_paid_again();
CREATE TRIGGER feed_paid_again_update AFTER UPDATE ON sheaf.intent REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed_paid_again();
CREATE TRIGGER feed_update AFTER UPDATE ON sheaf.account_check REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('member', 'member_id');
CREATE TRIGGER feed_update AFTER UPDATE ON sheaf.bank_change REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('bank_change', 'id');
CREATE TRIGGER feed_update AFTER UPDATE ON sheaf.batch REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('batch', 'id');
CREATE TRIGGER feed_update AFTER UPDATE ON sheaf.funding REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('funding', 'id');
CREATE TRIGGER feed_update AFTER UPDATE ON sheaf.intent REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('intent', 'id');
CREATE TRIGGER feed_update AFTER UPDATE ON sheaf.member REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sheaf.feed('member', 'id');
CREATE TRIGGER give_limits_back AFTER UPDATE ON sheaf.intent REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION sheaf.give_limits_back();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.advance FOR EACH ROW EXECUTE FUNCTION sheaf.guard_advance();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.attempt FOR EACH ROW EXECUTE FUNCTION sheaf.guard_attempt();
CREATE TRIGGER guard BEFORE INSERT OR DELETE OR UPDATE ON sheaf.bank_account FOR EACH ROW EXECUTE FUNCTION sheaf.guard_bank_account();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.bank_change FOR EACH ROW EXECUTE FUNCTION sheaf.guard_bank_change();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.company_rule FOR EACH ROW EXECUTE FUNCTION sheaf.guard_rule();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON sheaf.deposit FOR EACH ROW EXECUTE FUNCTION sheaf.guard_deposit();
CREATE TRIGGER guard BEFORE INSERT OR DELETE OR UPDATE ON sheaf.document FOR EACH ROW EXECUTE FUNCTION sheaf.guard_document();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.executor_position FOR EACH ROW EXECUTE FUNCTION sheaf.guard_position();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON sheaf.intent FOR EACH ROW EXECUTE FUNCTION sheaf.guard_intent();
CREATE TRIGGER guard BEFORE INSERT ON sheaf.payment_route FOR EACH ROW EXECUTE FUNCTION sheaf.guard_routes();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON sheaf.restore FOR EACH ROW EXECUTE FUNCTION sheaf.guard_restore();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.restore_witness FOR EACH ROW EXECUTE FUNCTION sheaf.guard_witness();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.route_table FOR EACH ROW EXECUTE FUNCTION sheaf.guard_routes();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.set_aside FOR EACH ROW EXECUTE FUNCTION sheaf.guard_set_aside();
CREATE TRIGGER guard BEFORE INSERT ON sheaf.sign_off FOR EACH ROW WHEN ((new.kind <> 'intents'::text)) EXECUTE FUNCTION sheaf.guard_sign_off();
CREATE TRIGGER guard BEFORE UPDATE ON sheaf.statement FOR EACH ROW EXECUTE FUNCTION sheaf.guard_statement();
CREATE TRIGGER guard_capital AFTER INSERT ON sheaf.ledger_entry FOR EACH ROW WHEN (((new.account_id = 'ac307bfe-5baf-59b0-9b82-e7c731a57caa'::uuid) AND (new.posted < 0))) EXECUTE FUNCTION sheaf.guard_capital();
CREATE TRIGGER guard_deposit BEFORE INSERT ON sheaf.sign_off FOR EACH ROW WHEN (((new.kind = 'deposit'::text) AND (new.decision = 'approve'::text))) EXECUTE FUNCTION sheaf.guard_deposit_sign_off();
CREATE TRIGGER keep_answer AFTER INSERT ON sheaf.bank_account FOR EACH ROW WHEN ((new.bank_change_id IS NOT NULL)) EXECUTE FUNCTION sheaf.keep_answer_of_case();
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.advance FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('advance', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.attempt FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('attempt', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.bank_change FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('bank_change', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.batch FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('batch', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.company_rule FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('company_rule', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.deposit FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('deposit', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.device FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('device', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.funding FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('funding', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.intent FOR EACH ROW EXECUTE FUNCTION sheaf.check_intent_state();
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.member FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('member', 'status');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.restore FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('restore', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.route_table FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('route_table', 'state');
CREATE TRIGGER lifecycle BEFORE INSERT OR DELETE OR UPDATE ON sheaf.set_aside FOR EACH ROW EXECUTE FUNCTION sheaf.check_state('set_aside', 'state');
CREATE CONSTRAINT TRIGGER money AFTER UPDATE OF state ON sheaf.deposit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.state = 'recorded'::text)) EXECUTE FUNCTION sheaf.check_deposit_money();
CREATE TRIGGER news_of_case AFTER UPDATE OF state ON sheaf.account_check FOR EACH ROW WHEN ((new.bank_change_id IS NOT NULL)) EXECUTE FUNCTION sheaf.news_of_case();
CREATE CONSTRAINT TRIGGER no_gaps AFTER INSERT ON sheaf.payment_route DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sheaf.check_route_gaps();
CREATE CONSTRAINT TRIGGER no_hole AFTER UPDATE ON sheaf.statement DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sheaf.check_statement_hole();
CREATE TRIGGER possible_way BEFORE INSERT ON sheaf.intent FOR EACH ROW WHEN (((new.channel = 'internal'::text) <> (new.destination = 'balance'::text))) EXECUTE FUNCTION sheaf.refuse_impossible_way();
CREATE TRIGGER post_entries AFTER INSERT ON sheaf.ledger_entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION sheaf.post_entries();
CREATE TRIGGER push AFTER INSERT ON sheaf.revocation FOR EACH ROW EXECUTE FUNCTION sheaf.push_revocation();
CREATE TRIGGER quorum AFTER UPDATE ON sheaf.intent REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION sheaf.check_quorum();
CREATE TRIGGER reserve_advances AFTER INSERT ON sheaf.intent_charge REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION sheaf.reserve_advances();
CREATE TRIGGER signed AFTER UPDATE ON sheaf.advance FOR EACH ROW WHEN (((old.state = 'requested'::text) AND (new.state = 'effective'::text))) EXECUTE FUNCTION sheaf.check_signed('advance');
CREATE TRIGGER signed AFTER UPDATE ON sheaf.bank_change FOR EACH ROW WHEN (((old.state = 'requested'::text) AND (new.state = 'effective'::text))) EXECUTE FUNCTION sheaf.check_signed('bank_change', '{manager,treasurer}');
CREATE TRIGGER signed AFTER UPDATE ON sheaf.batch FOR EACH ROW WHEN (((old.state = 'validated'::text) AND (new.state = 'authorized'::text))) EXECUTE FUNCTION sheaf.check_signed('batch');
CREATE TRIGGER signed AFTER UPDATE ON sheaf.company_rule FOR EACH ROW WHEN (((old.state = 'proposed'::text) AND (new.state = 'approved'::text))) EXECUTE FUNCTION sheaf.check_signed('rule', '{treasurer}');
CREATE TRIGGER signed AFTER UPDATE ON sheaf.deposit FOR EACH ROW WHEN (((old.state = 'requested'::text) AND (new.state = 'recorded'::text))) EXECUTE FUNCTION sheaf.check_signed('deposit', '{treasurer}');
CREATE TRIGGER signed AFTER UPDATE ON sheaf.funding FOR EACH ROW WHEN (((old.state = 'requested'::text) AND (new.state = 'effective'::text))) EXECUTE FUNCTION sheaf.check_signed('funding', '{treasurer}');
CREATE TRIGGER signed AFTER UPDATE ON sheaf.restore FOR EACH ROW WHEN (((old.state = 'requested'::text) AND (new.state = 'approved'::text))) EXECUTE FUNCTION sheaf.check_signed('restore', '{treasurer}');
CREATE TRIGGER signed AFTER UPDATE ON sheaf.route_table FOR EACH ROW WHEN (((old.state = 'proposed'::text) AND (new.state = 'approved'::text))) EXECUTE FUNCTION sheaf.check_signed('routes', '{treasurer}');
CREATE TRIGGER signed AFTER UPDATE ON sheaf.set_aside FOR EACH ROW WHEN (((old.state = 'requested'::text) AND (new.state = 'approved'::text))) EXECUTE FUNCTION sheaf.check_signed('set_aside', '{treasurer}');
CREATE CONSTRAINT TRIGGER transit_zero AFTER UPDATE OF state ON sheaf.intent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.state = ANY (ARRAY['reconciled'::text, 'rejected'::text, 'cancelled'::text, 'expired'::text, 'failed'::text, 'returned'::text]))) EXECUTE FUNCTION sheaf.check_transit();
ALTER TABLE ONLY sheaf.account_check
    ADD CONSTRAINT account_check_branch_id_bank_account_id_fkey FOREIGN KEY (branch_id, bank_account_id) REFERENCES sheaf.bank_account(branch_id, id);
ALTER TABLE ONLY sheaf.account_check
    ADD CONSTRAINT account_check_branch_id_bank_change_id_fkey FOREIGN KEY (branch_id, bank_change_id) REFERENCES sheaf.bank_change(branch_id, id);
ALTER TABLE ONLY sheaf.account_check
    ADD CONSTRAINT account_check_branch_id_check_run_id_fkey FOREIGN KEY (branch_id, check_run_id) REFERENCES sheaf.check_run(branch_id, id);
ALTER TABLE ONLY sheaf.advance
    ADD CONSTRAINT advance_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.advance
    ADD CONSTRAINT advance_branch_id_member_id_fkey FOREIGN KEY (branch_id, member_id) REFERENCES sheaf.member(branch_id, id);
ALTER TABLE ONLY sheaf.advance
    ADD CONSTRAINT advance_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.alarm
    ADD CONSTRAINT alarm_way_fkey FOREIGN KEY (way) REFERENCES sheaf.alarm_way(way) ON DELETE CASCADE;
ALTER TABLE ONLY sheaf.app_user
    ADD CONSTRAINT app_user_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.attempt
    ADD CONSTRAINT attempt_branch_id_intent_id_fkey FOREIGN KEY (branch_id, intent_id) REFERENCES sheaf.intent(branch_id, id);
ALTER TABLE ONLY sheaf.attempt
    ADD CONSTRAINT attempt_executor_id_fkey FOREIGN KEY (executor_id) REFERENCES sheaf.executor(id);
ALTER TABLE ONLY sheaf.audit_entry
    ADD CONSTRAINT audit_entry_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.audit_head
    ADD CONSTRAINT audit_head_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.backup
    ADD CONSTRAINT backup_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.backup_proof
    ADD CONSTRAINT backup_proof_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.bank_account
    ADD CONSTRAINT bank_account_bank_change_id_fkey FOREIGN KEY (bank_change_id) REFERENCES sheaf.bank_change(id);
ALTER TABLE ONLY sheaf.bank_account
    ADD CONSTRAINT bank_account_branch_id_member_id_fkey FOREIGN KEY (branch_id, member_id) REFERENCES sheaf.member(branch_id, id);
ALTER TABLE ONLY sheaf.bank_change
    ADD CONSTRAINT bank_change_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.bank_change
    ADD CONSTRAINT bank_change_branch_id_member_id_fkey FOREIGN KEY (branch_id, member_id) REFERENCES sheaf.member(branch_id, id);
ALTER TABLE ONLY sheaf.bank_change
    ADD CONSTRAINT bank_change_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.batch
    ADD CONSTRAINT batch_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.batch
    ADD CONSTRAINT batch_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.channel_state
    ADD CONSTRAINT channel_state_executor_id_fkey FOREIGN KEY (executor_id) REFERENCES sheaf.executor(id);
ALTER TABLE ONLY sheaf.check_run
    ADD CONSTRAINT check_run_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.company_account
    ADD CONSTRAINT company_account_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.company_rule
    ADD CONSTRAINT company_rule_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.company_rule
    ADD CONSTRAINT company_rule_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.deposit
    ADD CONSTRAINT deposit_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.deposit_document
    ADD CONSTRAINT deposit_document_branch_id_deposit_id_fkey FOREIGN KEY (branch_id, deposit_id) REFERENCES sheaf.deposit(branch_id, id);
ALTER TABLE ONLY sheaf.deposit_document_view
    ADD CONSTRAINT deposit_document_view_branch_id_deposit_id_fkey FOREIGN KEY (branch_id, deposit_id) REFERENCES sheaf.deposit(branch_id, id);
ALTER TABLE ONLY sheaf.deposit_document_view
    ADD CONSTRAINT deposit_document_view_user_id_fkey FOREIGN KEY (user_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.deposit
    ADD CONSTRAINT deposit_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.deposit
    ADD CONSTRAINT deposit_statement_line_id_fkey FOREIGN KEY (statement_line_id) REFERENCES sheaf.statement_line(id);
ALTER TABLE ONLY sheaf.deposit
    ADD CONSTRAINT deposit_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES sheaf.ledger_transfer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY sheaf.device
    ADD CONSTRAINT device_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.device
    ADD CONSTRAINT device_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.document
    ADD CONSTRAINT document_added_by_fkey FOREIGN KEY (added_by) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.document
    ADD CONSTRAINT document_branch_id_bank_change_id_fkey FOREIGN KEY (branch_id, bank_change_id) REFERENCES sheaf.bank_change(branch_id, id);
ALTER TABLE ONLY sheaf.document_view
    ADD CONSTRAINT document_view_bank_change_id_sha256_fkey FOREIGN KEY (bank_change_id, sha256) REFERENCES sheaf.document(bank_change_id, sha256);
ALTER TABLE ONLY sheaf.document_view
    ADD CONSTRAINT document_view_user_id_fkey FOREIGN KEY (user_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.enrolment_code
    ADD CONSTRAINT enrolment_code_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.enrolment_code
    ADD CONSTRAINT enrolment_code_created_by_fkey FOREIGN KEY (created_by) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.funding
    ADD CONSTRAINT funding_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.funding
    ADD CONSTRAINT funding_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.idempotency_key
    ADD CONSTRAINT idempotency_key_user_id_fkey FOREIGN KEY (user_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_branch_id_bank_account_id_fkey FOREIGN KEY (branch_id, bank_account_id) REFERENCES sheaf.bank_account(branch_id, id);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_branch_id_batch_id_fkey FOREIGN KEY (branch_id, batch_id) REFERENCES sheaf.batch(branch_id, id);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_branch_id_member_id_fkey FOREIGN KEY (branch_id, member_id) REFERENCES sheaf.member(branch_id, id);
ALTER TABLE ONLY sheaf.intent_charge
    ADD CONSTRAINT intent_charge_branch_id_account_id_fkey FOREIGN KEY (branch_id, account_id) REFERENCES sheaf.ledger_account(branch_id, id);
ALTER TABLE ONLY sheaf.intent_charge
    ADD CONSTRAINT intent_charge_branch_id_advance_id_fkey FOREIGN KEY (branch_id, advance_id) REFERENCES sheaf.advance(branch_id, id);
ALTER TABLE ONLY sheaf.intent_charge
    ADD CONSTRAINT intent_charge_branch_id_intent_id_fkey FOREIGN KEY (branch_id, intent_id) REFERENCES sheaf.intent(branch_id, id);
ALTER TABLE ONLY sheaf.intent_charge
    ADD CONSTRAINT intent_charge_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES sheaf.company_rule(id);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_counterparty FOREIGN KEY (counterparty_branch_id, counterparty_member_id) REFERENCES sheaf.member(branch_id, id);
ALTER TABLE ONLY sheaf.intent_event
    ADD CONSTRAINT intent_event_branch_id_intent_id_fkey FOREIGN KEY (branch_id, intent_id) REFERENCES sheaf.intent(branch_id, id);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.intent
    ADD CONSTRAINT intent_pays_again FOREIGN KEY (branch_id, pays_again) REFERENCES sheaf.intent(branch_id, id);
ALTER TABLE ONLY sheaf.ledger_account
    ADD CONSTRAINT ledger_account_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.ledger_hold
    ADD CONSTRAINT ledger_hold_branch_id_account_id_fkey FOREIGN KEY (branch_id, account_id) REFERENCES sheaf.ledger_account(branch_id, id);
ALTER TABLE ONLY sheaf.limit_take
    ADD CONSTRAINT limit_take_branch_id_intent_id_fkey FOREIGN KEY (branch_id, intent_id) REFERENCES sheaf.intent(branch_id, id);
ALTER TABLE ONLY sheaf.limit_take
    ADD CONSTRAINT limit_take_rule_subject_period_fkey FOREIGN KEY (rule, subject, period) REFERENCES sheaf.limit_usage(rule, subject, period);
ALTER TABLE ONLY sheaf.member
    ADD CONSTRAINT member_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.operation_token
    ADD CONSTRAINT operation_token_device_id_fkey FOREIGN KEY (device_id) REFERENCES sheaf.device(id);
ALTER TABLE ONLY sheaf.operation_token
    ADD CONSTRAINT operation_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.payment_route
    ADD CONSTRAINT payment_route_table_id_fkey FOREIGN KEY (table_id) REFERENCES sheaf.route_table(id);
ALTER TABLE ONLY sheaf.reconciliation
    ADD CONSTRAINT reconciliation_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.reconciliation
    ADD CONSTRAINT reconciliation_branch_id_intent_id_fkey FOREIGN KEY (branch_id, intent_id) REFERENCES sheaf.intent(branch_id, id);
ALTER TABLE ONLY sheaf.reconciliation
    ADD CONSTRAINT reconciliation_statement_line_id_fkey FOREIGN KEY (statement_line_id) REFERENCES sheaf.statement_line(id);
ALTER TABLE ONLY sheaf.refresh_token
    ADD CONSTRAINT refresh_token_device_id_fkey FOREIGN KEY (device_id) REFERENCES sheaf.device(id);
ALTER TABLE ONLY sheaf.refresh_token
    ADD CONSTRAINT refresh_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.restore
    ADD CONSTRAINT restore_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.restore
    ADD CONSTRAINT restore_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.restore_report
    ADD CONSTRAINT restore_report_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.restore
    ADD CONSTRAINT restore_report_id_fkey FOREIGN KEY (report_id) REFERENCES sheaf.restore_report(id);
ALTER TABLE ONLY sheaf.restore_witness
    ADD CONSTRAINT restore_witness_restore_id_fkey FOREIGN KEY (restore_id) REFERENCES sheaf.restore(id);
ALTER TABLE ONLY sheaf.route_table
    ADD CONSTRAINT route_table_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.set_aside
    ADD CONSTRAINT set_aside_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.set_aside
    ADD CONSTRAINT set_aside_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.set_aside
    ADD CONSTRAINT set_aside_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES sheaf.statement(id);
ALTER TABLE ONLY sheaf.sign_off
    ADD CONSTRAINT sign_off_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.sign_off
    ADD CONSTRAINT sign_off_device_id_fkey FOREIGN KEY (device_id) REFERENCES sheaf.device(id);
ALTER TABLE ONLY sheaf.sign_off_item
    ADD CONSTRAINT sign_off_item_branch_id_intent_id_fkey FOREIGN KEY (branch_id, intent_id) REFERENCES sheaf.intent(branch_id, id);
ALTER TABLE ONLY sheaf.sign_off_item
    ADD CONSTRAINT sign_off_item_branch_id_sign_off_id_user_id_fkey FOREIGN KEY (branch_id, sign_off_id, user_id) REFERENCES sheaf.sign_off(branch_id, id, user_id);
ALTER TABLE ONLY sheaf.sign_off
    ADD CONSTRAINT sign_off_user_id_fkey FOREIGN KEY (user_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.statement
    ADD CONSTRAINT statement_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.statement_fetch
    ADD CONSTRAINT statement_fetch_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.statement_file
    ADD CONSTRAINT statement_file_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.statement_line
    ADD CONSTRAINT statement_line_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES sheaf.branch(id);
ALTER TABLE ONLY sheaf.statement_line
    ADD CONSTRAINT statement_line_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES sheaf.statement(id);
ALTER TABLE ONLY sheaf.statement
    ADD CONSTRAINT statement_of_our_account FOREIGN KEY (account_digest) REFERENCES sheaf.company_account(digest);
ALTER TABLE ONLY sheaf.statement
    ADD CONSTRAINT statement_set_aside_by_fkey FOREIGN KEY (set_aside_by) REFERENCES sheaf.set_aside(id);
ALTER TABLE ONLY sheaf.statement
    ADD CONSTRAINT statement_sha256_fkey FOREIGN KEY (sha256) REFERENCES sheaf.statement_file(sha256);
ALTER TABLE ONLY sheaf.used_code
    ADD CONSTRAINT used_code_user_id_fkey FOREIGN KEY (user_id) REFERENCES sheaf.app_user(id);
ALTER TABLE ONLY sheaf.user_role
    ADD CONSTRAINT user_role_branch_id_user_id_fkey FOREIGN KEY (branch_id, user_id) REFERENCES sheaf.app_user(branch_id, id);
ALTER TABLE sheaf.account_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.advance ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.app_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.backup ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.backup_proof ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.bank_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.bank_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.batch ENABLE ROW LEVEL SECURITY;
CREATE POLICY branch ON sheaf.account_check USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.advance USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.app_user USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.attempt USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.audit_entry USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.audit_head USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.backup USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0)) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.backup_proof USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0)) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.bank_account USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.bank_change USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.batch USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
ALTER TABLE sheaf.branch ENABLE ROW LEVEL SECURITY;
CREATE POLICY branch ON sheaf.branch USING ((id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.change_feed USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.check_run USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.company_account USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0)) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.company_rule USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0)) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.deposit USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.deposit_document USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.deposit_document_view USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.device USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.document USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.document_view USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.enrolment_code USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.funding USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.idempotency_key USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.intent USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.intent_charge USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.intent_event USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.ledger_account USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.ledger_entry USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.ledger_hold USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.ledger_transfer USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.limit_take USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.member USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.operation_token USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.reconciliation USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.refresh_token USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.restore USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.restore_report USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.set_aside USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0)) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.sign_off USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.sign_off_item USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.statement USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0)) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.statement_fetch USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0)) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.statement_file USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0)) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.statement_line USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.used_code USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
CREATE POLICY branch ON sheaf.user_role USING ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[]))) WITH CHECK ((branch_id = ANY (( SELECT sheaf.branches() AS branches)::integer[])));
ALTER TABLE sheaf.change_feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.check_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.company_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.company_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.deposit ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.deposit_document ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.deposit_document_view ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.device ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.document ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.document_view ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.enrolment_code ENABLE ROW LEVEL SECURITY;
CREATE POLICY everywhere ON sheaf.account_check TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.advance TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.app_user TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.attempt TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.audit_entry TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.audit_head TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.backup TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.backup_proof TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.bank_account TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.bank_change TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.batch TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.branch TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.change_feed TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.check_run TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.company_account TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.company_rule TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.deposit TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.deposit_document TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.deposit_document_view TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.device TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.document TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.document_view TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.enrolment_code TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.funding TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.idempotency_key TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.intent TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.intent_charge TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.intent_event TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.ledger_account TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.ledger_entry TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.ledger_hold TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.ledger_transfer TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.limit_take TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.member TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.operation_token TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.reconciliation TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.refresh_token TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.restore TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.restore_report TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.set_aside TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.sign_off TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.sign_off_item TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.statement TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.statement_fetch TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.statement_file TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.statement_line TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.used_code TO sheaf_everywhere USING (true) WITH CHECK (true);
CREATE POLICY everywhere ON sheaf.user_role TO sheaf_everywhere USING (true) WITH CHECK (true);
ALTER TABLE sheaf.funding ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.idempotency_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.intent ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.intent_charge ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.intent_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.ledger_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.ledger_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.ledger_hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.ledger_transfer ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.limit_take ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.limit_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.member ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.operation_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.reconciliation ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.refresh_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.restore ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.restore_report ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.set_aside ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.sign_off ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.sign_off_item ENABLE ROW LEVEL SECURITY;
CREATE POLICY somebody ON sheaf.limit_usage USING ((cardinality(( SELECT sheaf.branches() AS branches)) > 0));
ALTER TABLE sheaf.statement ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.statement_fetch ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.statement_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.statement_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.used_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheaf.user_role ENABLE ROW LEVEL SECURITY;
GRANT ALL ON SCHEMA sheaf TO sheaf_everywhere;
GRANT USAGE ON SCHEMA sheaf TO sheaf_api;
GRANT USAGE ON SCHEMA sheaf TO sheaf_executor;
GRANT USAGE ON SCHEMA sheaf TO sheaf_statements;
GRANT USAGE ON SCHEMA sheaf TO sheaf_auditor;
REVOKE ALL ON FUNCTION sheaf.add_batch_lines(p_branch integer, p_items jsonb, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.add_batch_lines(p_branch integer, p_items jsonb, p_at timestamp with time zone) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.all_branches() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.all_branches() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.all_branches() TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.all_branches() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.all_branches() TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.anchor_audit(p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.anchor_audit(p_at timestamp with time zone) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.append_audit(p_branch integer, p_at timestamp with time zone, p_actor text, p_device uuid, p_tag text, p_subject text, p_detail text) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.append_audit(p_branch integer, p_at timestamp with time zone, p_actor text, p_device uuid, p_tag text, p_subject text, p_detail text) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.append_audit(p_branch integer, p_at timestamp with time zone, p_actor text, p_device uuid, p_tag text, p_subject text, p_detail text) TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.append_audit(p_branch integer, p_at timestamp with time zone, p_actor text, p_device uuid, p_tag text, p_subject text, p_detail text) TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.append_audits(p_at timestamp with time zone, p_branches integer[], p_actors text[], p_devices uuid[], p_tags text[], p_subjects text[], p_details text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.append_audits(p_at timestamp with time zone, p_branches integer[], p_actors text[], p_devices uuid[], p_tags text[], p_subjects text[], p_details text[]) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.append_only() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.ask_bank_now(p_intent uuid, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.ask_bank_now(p_intent uuid, p_at timestamp with time zone) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.batch_day_sum(p_batch uuid, p_day timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.batch_day_sum(p_batch uuid, p_day timestamp with time zone) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.begin_feed_history() FROM PUBLIC;
REVOKE ALL ON PROCEDURE sheaf.belongs_to_branch(VARIADIC tables text[]) FROM PUBLIC;
REVOKE ALL ON PROCEDURE sheaf.belongs_to_company(VARIADIC tables text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_charges() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_deposit_money() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_intent_state() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_quorum() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_route_gaps() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_signed() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_sources() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_state() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_statement_chain() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_statement_hole() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.check_transit() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.compact_feed(p_turn xid8, p_id bigint, p_rows integer, OUT turn xid8, OUT id bigint, OUT gone integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.compact_feed(p_turn xid8, p_id bigint, p_rows integer, OUT turn xid8, OUT id bigint, OUT gone integer) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.day_sums(p_members uuid[], p_operations text[], p_banks boolean[], p_days timestamp with time zone[], p_less text) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.day_sums(p_members uuid[], p_operations text[], p_banks boolean[], p_days timestamp with time zone[], p_less text) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.day_sums(p_members uuid[], p_operations text[], p_banks boolean[], p_days timestamp with time zone[], p_less text) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.disputed(p_member uuid, p_operation text, p_pays_again uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.disputed(p_member uuid, p_operation text, p_pays_again uuid) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.doubts() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.doubts() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.doubts() TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.doubts() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.doubts() TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.company_rule TO sheaf_api;
GRANT SELECT ON TABLE sheaf.company_rule TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.company_rule TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.company_rule TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.company_rule TO sheaf_everywhere;
GRANT UPDATE(state) ON TABLE sheaf.company_rule TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.company_rule TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.company_rule TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.end_reservations() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.endings(p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.endings(p_since timestamp with time zone) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.endings(p_since timestamp with time zone) TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.endings(p_since timestamp with time zone) TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.endings(p_since timestamp with time zone) TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.exceptions() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.exceptions() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.exceptions() TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.exceptions() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.exceptions() TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.executor_lanes() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.executor_lanes() TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.executor_queues(p_now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.executor_queues(p_now timestamp with time zone) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.executor_queues(p_now timestamp with time zone) TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.executor_queues(p_now timestamp with time zone) TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.executor_queues(p_now timestamp with time zone) TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.explain_deposit_line() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.feed() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.feed_ahead() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.feed_ahead() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.feed_ahead() TO sheaf_everywhere;
GRANT ALL ON FUNCTION sheaf.feed_ahead() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.feed_ahead() TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.feed_last_turn() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.feed_last_turn() TO sheaf_owner;
REVOKE ALL ON FUNCTION sheaf.feed_life_now() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.feed_look(p_token text, p_turn xid8, OUT before xid8, OUT token text, OUT standing text) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.feed_look(p_token text, p_turn xid8, OUT before xid8, OUT token text, OUT standing text) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.feed_news(after_turn xid8, after_id bigint, before xid8) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.feed_news(after_turn xid8, after_id bigint, before xid8) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.feed_paid_again() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.feed_turn() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.feed_turn() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.feed_turn() TO sheaf_everywhere;
GRANT ALL ON FUNCTION sheaf.feed_turn() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.feed_turn() TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.find_members(p_sight integer[], p_query text, p_whole bytea, p_after uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.find_members(p_sight integer[], p_query text, p_whole bytea, p_after uuid, p_limit integer) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.give_limits_back() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_advance() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_attempt() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_bank_account() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_bank_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_capital() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_deposit() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_deposit_sign_off() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_document() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_ending() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_intent() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_position() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_restore() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_routes() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_rule() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_set_aside() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_sign_off() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_statement() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.guard_witness() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.is_signed(p_kind text, p_case uuid, p_maker uuid, p_quorum text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.keep_answer_of_case() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.keep_callback(p_id uuid, p_at timestamp with time zone, p_body bytea, p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.keep_callback(p_id uuid, p_at timestamp with time zone, p_body bytea, p_reference text) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.knows_reference(p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.knows_reference(p_reference text) TO sheaf_owner;
REVOKE ALL ON FUNCTION sheaf.likely_duplicates(p_places integer[], p_branches integer[], p_members uuid[], p_amounts bigint[], p_tickets text[], p_banks boolean[], p_own uuid[], p_since timestamp with time zone, p_batch uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.likely_duplicates(p_places integer[], p_branches integer[], p_members uuid[], p_amounts bigint[], p_tickets text[], p_banks boolean[], p_own uuid[], p_since timestamp with time zone, p_batch uuid) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.lock_accounts(p_accounts uuid[], p_holds uuid[], p_reversed uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.lock_accounts(p_accounts uuid[], p_holds uuid[], p_reversed uuid[]) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.lock_accounts(p_accounts uuid[], p_holds uuid[], p_reversed uuid[]) TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.lock_accounts(p_accounts uuid[], p_holds uuid[], p_reversed uuid[]) TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.lock_advances(advances uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.lock_advances(advances uuid[]) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.lock_available(account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.lock_available(account uuid) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.lock_endings(p_intents uuid[], p_batches uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.lock_endings(p_intents uuid[], p_batches uuid[]) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.lock_free(p_accounts uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.lock_free(p_accounts uuid[]) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.lock_limits(p_claims jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.lock_limits(p_claims jsonb) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.look_up_members(p_sight integer[], p_ids uuid[], p_codes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.look_up_members(p_sight integer[], p_ids uuid[], p_codes text[]) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.look_up_members(p_sight integer[], p_ids uuid[], p_codes text[]) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.members_anywhere(ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.members_anywhere(ids uuid[]) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.members_anywhere(ids uuid[]) TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.members_anywhere(ids uuid[]) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.mirror_reversals(p_transfers uuid[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.mismatches() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.mismatches() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.mismatches() TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.mismatches() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.mismatches() TO sheaf_statements;
REVOKE ALL ON PROCEDURE sheaf.needs_signatures(IN kind text, IN tab text, IN source text, IN target text, IN quorum text[]) FROM PUBLIC;
REVOKE ALL ON PROCEDURE sheaf.never_changes(VARIADIC tables text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.news_of_case() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.post_entries() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.post_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.post_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.post_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.post_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.prune(p_kind text, p_at timestamp with time zone, p_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.prune(p_kind text, p_at timestamp with time zone, p_most integer) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.push_revocation() FROM PUBLIC;
REVOKE ALL ON PROCEDURE sheaf.put_policy(IN tab text, IN sight text) FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.recipients(codes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.recipients(codes text[]) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.record_claims(p_claims jsonb, p_branch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.record_claims(p_claims jsonb, p_branch integer) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.refuse_impossible_way() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.reserve_advances() FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.returns_taken(p_intents uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.returns_taken(p_intents uuid[]) TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.sessions() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.sessions() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.sessions() TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.sessions() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.sessions() TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.signature_stands(p_user uuid, p_role text, p_branch integer, p_device uuid, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.signature_stands(p_user uuid, p_role text, p_branch integer, p_device uuid, p_at timestamp with time zone) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.signature_stands(p_user uuid, p_role text, p_branch integer, p_device uuid, p_at timestamp with time zone) TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.signature_stands(p_user uuid, p_role text, p_branch integer, p_device uuid, p_at timestamp with time zone) TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.signature_stands(p_user uuid, p_role text, p_branch integer, p_device uuid, p_at timestamp with time zone) TO sheaf_owner;
REVOKE ALL ON FUNCTION sheaf.submission_facts(p_asked jsonb, p_numbers integer, p_at timestamp with time zone, p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.submission_facts(p_asked jsonb, p_numbers integer, p_at timestamp with time zone, p_since timestamp with time zone) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.submit_intents(p_sight integer[], p_items jsonb, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.submit_intents(p_sight integer[], p_items jsonb, p_at timestamp with time zone) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.take(p_key bytea, p_burst integer, p_seconds double precision, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.take(p_key bytea, p_burst integer, p_seconds double precision, p_at timestamp with time zone) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.take_limits(p_claims jsonb, p_branch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.take_limits(p_claims jsonb, p_branch integer) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.tell_void_signatures(p_user uuid, p_device uuid, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.tell_void_signatures(p_user uuid, p_device uuid, p_at timestamp with time zone) TO sheaf_api;
REVOKE ALL ON PROCEDURE sheaf.tells_desks(IN tab text, IN entity text, IN key text, IN updates boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.treasurer_names() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.treasurer_names() TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.under_way() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.under_way() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.under_way() TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.under_way() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.under_way() TO sheaf_statements;
REVOKE ALL ON FUNCTION sheaf.use_limits(p_claims jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.use_limits(p_claims jsonb) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.user_names(ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.user_names(ids uuid[]) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.user_names(ids uuid[]) TO sheaf_auditor;
REVOKE ALL ON FUNCTION sheaf.void_signatures(p_user uuid, p_device uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.void_signatures(p_user uuid, p_device uuid) TO sheaf_owner;
REVOKE ALL ON FUNCTION sheaf.waiting_by_channel() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.waiting_by_channel() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.waiting_by_channel() TO sheaf_auditor;
REVOKE ALL ON FUNCTION sheaf.waiting_by_lane() FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.waiting_by_lane() TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.waiting_by_lane() TO sheaf_auditor;
GRANT ALL ON FUNCTION sheaf.waiting_by_lane() TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.waiting_by_lane() TO sheaf_statements;
REVOKE ALL ON PROCEDURE sheaf.walks(IN tab text, IN machine text, IN state text) FROM PUBLIC;
REVOKE ALL ON FUNCTION sheaf.withdrawn_intents(p_intents uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.withdrawn_intents(p_intents uuid[]) TO sheaf_executor;
REVOKE ALL ON FUNCTION sheaf.write_intents(p_items sheaf.planned_intent[], p_evidence text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.write_intents(p_items sheaf.planned_intent[], p_evidence text, p_at timestamp with time zone) TO sheaf_api;
REVOKE ALL ON FUNCTION sheaf.write_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION sheaf.write_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) TO sheaf_api;
GRANT ALL ON FUNCTION sheaf.write_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) TO sheaf_executor;
GRANT ALL ON FUNCTION sheaf.write_transfers(p_ids uuid[], p_branches integer[], p_kinds text[], p_holds uuid[], p_intents uuid[], p_subjects text[], p_reverses uuid[], p_expires timestamp with time zone[], p_places integer[], p_accounts uuid[], p_posted bigint[], p_held bigint[], p_at timestamp with time zone) TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.company_account TO sheaf_api;
GRANT SELECT ON TABLE sheaf.company_account TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.company_account TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.company_account TO sheaf_statements;
GRANT UPDATE(active) ON TABLE sheaf.company_account TO sheaf_statements;
GRANT UPDATE(changed_at) ON TABLE sheaf.company_account TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.statement TO sheaf_api;
GRANT SELECT ON TABLE sheaf.statement TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.statement TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.statement TO sheaf_statements;
GRANT UPDATE(set_aside_at) ON TABLE sheaf.statement TO sheaf_api;
GRANT UPDATE(set_aside_by) ON TABLE sheaf.statement TO sheaf_api;
GRANT SELECT ON TABLE sheaf.accepted_statement TO sheaf_api;
GRANT SELECT ON TABLE sheaf.accepted_statement TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.accepted_statement TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.accepted_statement TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.statement_line TO sheaf_api;
GRANT SELECT ON TABLE sheaf.statement_line TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.statement_line TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.statement_line TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.accepted_line TO sheaf_api;
GRANT SELECT ON TABLE sheaf.accepted_line TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.accepted_line TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.accepted_line TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.account_check TO sheaf_api;
GRANT SELECT ON TABLE sheaf.account_check TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(id) ON TABLE sheaf.account_check TO sheaf_api;
GRANT INSERT(id) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(branch_id) ON TABLE sheaf.account_check TO sheaf_api;
GRANT INSERT(branch_id) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(member_id) ON TABLE sheaf.account_check TO sheaf_api;
GRANT INSERT(member_id) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(bank_account_id) ON TABLE sheaf.account_check TO sheaf_api;
GRANT INSERT(bank_account_id) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(bank_change_id) ON TABLE sheaf.account_check TO sheaf_api;
GRANT INSERT(bank_change_id) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(check_run_id) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(state) ON TABLE sheaf.account_check TO sheaf_api;
GRANT INSERT(state),UPDATE(state) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(requested_at) ON TABLE sheaf.account_check TO sheaf_api;
GRANT INSERT(requested_at) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT INSERT(requested_by) ON TABLE sheaf.account_check TO sheaf_api;
GRANT INSERT(requested_by) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT UPDATE(checked_at) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT UPDATE(bank_name) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT UPDATE(account_status) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT UPDATE(match) ON TABLE sheaf.account_check TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.advance TO sheaf_api;
GRANT SELECT ON TABLE sheaf.advance TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.advance TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.advance TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.advance TO sheaf_api;
GRANT UPDATE(state) ON TABLE sheaf.advance TO sheaf_executor;
GRANT UPDATE(changed_at) ON TABLE sheaf.advance TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.advance TO sheaf_executor;
GRANT UPDATE(version) ON TABLE sheaf.advance TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.advance TO sheaf_executor;
GRANT USAGE ON SEQUENCE sheaf.advance_numbers TO sheaf_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE sheaf.alarm TO sheaf_api;
GRANT SELECT ON TABLE sheaf.alarm TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.alarm TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.alarm TO sheaf_statements;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE sheaf.alarm_sender TO sheaf_api;
GRANT SELECT ON TABLE sheaf.alarm_sender TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.alarm_sender TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.alarm_sender TO sheaf_statements;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE sheaf.alarm_way TO sheaf_api;
GRANT SELECT ON TABLE sheaf.alarm_way TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.alarm_way TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.alarm_way TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.alembic_version TO sheaf_api;
GRANT SELECT ON TABLE sheaf.alembic_version TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.alembic_version TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.app_user TO sheaf_api;
GRANT SELECT(id) ON TABLE sheaf.app_user TO sheaf_auditor;
GRANT SELECT(id) ON TABLE sheaf.app_user TO sheaf_executor;
GRANT SELECT(id) ON TABLE sheaf.app_user TO sheaf_everywhere;
GRANT UPDATE(branch_id) ON TABLE sheaf.app_user TO sheaf_api;
GRANT SELECT(branch_id) ON TABLE sheaf.app_user TO sheaf_auditor;
GRANT SELECT(branch_id) ON TABLE sheaf.app_user TO sheaf_executor;
GRANT SELECT(branch_id) ON TABLE sheaf.app_user TO sheaf_everywhere;
GRANT SELECT(username) ON TABLE sheaf.app_user TO sheaf_auditor;
GRANT SELECT(username) ON TABLE sheaf.app_user TO sheaf_executor;
GRANT SELECT(name) ON TABLE sheaf.app_user TO sheaf_auditor;
GRANT SELECT(name) ON TABLE sheaf.app_user TO sheaf_executor;
GRANT SELECT(name) ON TABLE sheaf.app_user TO sheaf_everywhere;
GRANT UPDATE(password_hash) ON TABLE sheaf.app_user TO sheaf_api;
GRANT UPDATE(totp_secret) ON TABLE sheaf.app_user TO sheaf_api;
GRANT UPDATE(enabled) ON TABLE sheaf.app_user TO sheaf_api;
GRANT SELECT(enabled) ON TABLE sheaf.app_user TO sheaf_auditor;
GRANT SELECT(enabled) ON TABLE sheaf.app_user TO sheaf_executor;
GRANT SELECT(enabled) ON TABLE sheaf.app_user TO sheaf_everywhere;
GRANT UPDATE(wrong_codes) ON TABLE sheaf.app_user TO sheaf_api;
GRANT UPDATE(locked_until) ON TABLE sheaf.app_user TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.app_user TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.bank_change TO sheaf_api;
GRANT SELECT ON TABLE sheaf.bank_change TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.bank_change TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.bank_change TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.bank_change TO sheaf_api;
GRANT UPDATE(state) ON TABLE sheaf.bank_change TO sheaf_executor;
GRANT UPDATE(changed_at) ON TABLE sheaf.bank_change TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.bank_change TO sheaf_executor;
GRANT UPDATE(version) ON TABLE sheaf.bank_change TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.bank_change TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.batch TO sheaf_api;
GRANT SELECT ON TABLE sheaf.batch TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.batch TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.batch TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.batch TO sheaf_api;
GRANT UPDATE(state) ON TABLE sheaf.batch TO sheaf_executor;
GRANT UPDATE(quorum) ON TABLE sheaf.batch TO sheaf_api;
GRANT UPDATE(hold_id) ON TABLE sheaf.batch TO sheaf_api;
GRANT UPDATE(expires_at) ON TABLE sheaf.batch TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.batch TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.batch TO sheaf_executor;
GRANT UPDATE(version) ON TABLE sheaf.batch TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.batch TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.deposit TO sheaf_api;
GRANT SELECT ON TABLE sheaf.deposit TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.deposit TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.deposit TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.deposit TO sheaf_statements;
GRANT UPDATE(statement_line_id) ON TABLE sheaf.deposit TO sheaf_statements;
GRANT UPDATE(state) ON TABLE sheaf.deposit TO sheaf_api;
GRANT UPDATE(state) ON TABLE sheaf.deposit TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.deposit TO sheaf_statements;
GRANT UPDATE(transfer_id) ON TABLE sheaf.deposit TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.deposit TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.deposit TO sheaf_executor;
GRANT UPDATE(changed_at) ON TABLE sheaf.deposit TO sheaf_statements;
GRANT UPDATE(version) ON TABLE sheaf.deposit TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.deposit TO sheaf_executor;
GRANT UPDATE(version) ON TABLE sheaf.deposit TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.funding TO sheaf_api;
GRANT SELECT ON TABLE sheaf.funding TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.funding TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.funding TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.funding TO sheaf_api;
GRANT UPDATE(state) ON TABLE sheaf.funding TO sheaf_executor;
GRANT UPDATE(changed_at) ON TABLE sheaf.funding TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.funding TO sheaf_executor;
GRANT UPDATE(version) ON TABLE sheaf.funding TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.funding TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.restore TO sheaf_api;
GRANT SELECT ON TABLE sheaf.restore TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.restore TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.restore TO sheaf_everywhere;
GRANT UPDATE(state) ON TABLE sheaf.restore TO sheaf_api;
GRANT UPDATE(state) ON TABLE sheaf.restore TO sheaf_executor;
GRANT UPDATE(changed_at) ON TABLE sheaf.restore TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.restore TO sheaf_executor;
GRANT UPDATE(version) ON TABLE sheaf.restore TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.restore TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.route_table TO sheaf_api;
GRANT SELECT ON TABLE sheaf.route_table TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.route_table TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.route_table TO sheaf_everywhere;
GRANT UPDATE(state) ON TABLE sheaf.route_table TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.route_table TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.route_table TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.set_aside TO sheaf_api;
GRANT SELECT ON TABLE sheaf.set_aside TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.set_aside TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.set_aside TO sheaf_statements;
GRANT UPDATE(state) ON TABLE sheaf.set_aside TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.set_aside TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.set_aside TO sheaf_api;
GRANT SELECT ON TABLE sheaf.approval_case TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.attempt TO sheaf_api;
GRANT SELECT ON TABLE sheaf.attempt TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.attempt TO sheaf_everywhere;
GRANT SELECT,INSERT ON TABLE sheaf.attempt TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.attempt TO sheaf_statements;
GRANT UPDATE(id) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(executor_id) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(token) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(payee_name) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(evidence) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(told) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(prepared_at) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(confirming_at) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(ended_at) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(inquiries) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(inquire_at) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(taken_at) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(payer_digest) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(flagged_at) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(spent) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT UPDATE(mismatched_at) ON TABLE sheaf.attempt TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.audit_anchor TO sheaf_api;
GRANT SELECT ON TABLE sheaf.audit_anchor TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.audit_entry TO sheaf_api;
GRANT SELECT ON TABLE sheaf.audit_entry TO sheaf_auditor;
GRANT SELECT(branch_id) ON TABLE sheaf.audit_entry TO sheaf_executor;
GRANT SELECT(sequence) ON TABLE sheaf.audit_entry TO sheaf_executor;
GRANT SELECT(hash) ON TABLE sheaf.audit_entry TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.audit_head TO sheaf_api;
GRANT SELECT ON TABLE sheaf.audit_head TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.audit_head TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.backup TO sheaf_api;
GRANT SELECT ON TABLE sheaf.backup TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.backup TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.backup TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.backup_proof TO sheaf_api;
GRANT SELECT ON TABLE sheaf.backup_proof TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.backup_proof TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.backup_proof TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.bank_account TO sheaf_api;
GRANT SELECT ON TABLE sheaf.bank_account TO sheaf_executor;
GRANT SELECT(id) ON TABLE sheaf.bank_account TO sheaf_everywhere;
GRANT SELECT(member_id) ON TABLE sheaf.bank_account TO sheaf_everywhere;
GRANT SELECT(version) ON TABLE sheaf.bank_account TO sheaf_everywhere;
GRANT SELECT(number_digest) ON TABLE sheaf.bank_account TO sheaf_everywhere;
GRANT USAGE ON SEQUENCE sheaf.batch_numbers TO sheaf_api;
GRANT SELECT ON TABLE sheaf.branch TO sheaf_api;
GRANT SELECT ON TABLE sheaf.branch TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.branch TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.branch TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.branch TO sheaf_statements;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE sheaf.bucket TO sheaf_api;
GRANT INSERT ON TABLE sheaf.callback_inbox TO sheaf_api;
GRANT SELECT ON TABLE sheaf.callback_inbox TO sheaf_executor;
GRANT SELECT(id) ON TABLE sheaf.callback_inbox TO sheaf_api;
GRANT SELECT(at) ON TABLE sheaf.callback_inbox TO sheaf_api;
GRANT SELECT(at) ON TABLE sheaf.callback_inbox TO sheaf_everywhere;
GRANT SELECT(outcome) ON TABLE sheaf.callback_inbox TO sheaf_api;
GRANT SELECT(outcome) ON TABLE sheaf.callback_inbox TO sheaf_everywhere;
GRANT UPDATE(outcome) ON TABLE sheaf.callback_inbox TO sheaf_executor;
GRANT SELECT(reference) ON TABLE sheaf.callback_inbox TO sheaf_api;
GRANT UPDATE(reference) ON TABLE sheaf.callback_inbox TO sheaf_executor;
GRANT SELECT(transaction_id) ON TABLE sheaf.callback_inbox TO sheaf_api;
GRANT UPDATE(transaction_id) ON TABLE sheaf.callback_inbox TO sheaf_executor;
GRANT USAGE ON SEQUENCE sheaf.case_numbers TO sheaf_api;
GRANT SELECT ON TABLE sheaf.change_feed TO sheaf_api;
GRANT SELECT ON TABLE sheaf.change_feed TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.channel_state TO sheaf_api;
GRANT SELECT ON TABLE sheaf.channel_state TO sheaf_auditor;
GRANT SELECT,INSERT ON TABLE sheaf.channel_state TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.channel_state TO sheaf_executor;
GRANT UPDATE(reason) ON TABLE sheaf.channel_state TO sheaf_executor;
GRANT UPDATE(since) ON TABLE sheaf.channel_state TO sheaf_executor;
GRANT UPDATE(told) ON TABLE sheaf.channel_state TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.check_run TO sheaf_api;
GRANT SELECT ON TABLE sheaf.check_run TO sheaf_auditor;
GRANT SELECT,INSERT ON TABLE sheaf.check_run TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.check_run TO sheaf_api;
GRANT UPDATE(state) ON TABLE sheaf.check_run TO sheaf_executor;
GRANT UPDATE(reached) ON TABLE sheaf.check_run TO sheaf_executor;
GRANT UPDATE(round) ON TABLE sheaf.check_run TO sheaf_executor;
GRANT UPDATE(ended_at) ON TABLE sheaf.check_run TO sheaf_api;
GRANT UPDATE(ended_at) ON TABLE sheaf.check_run TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.definitions TO sheaf_api;
GRANT SELECT ON TABLE sheaf.definitions TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.definitions TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.deposit_document TO sheaf_api;
GRANT SELECT(deposit_id) ON TABLE sheaf.deposit_document TO sheaf_auditor;
GRANT SELECT(branch_id) ON TABLE sheaf.deposit_document TO sheaf_auditor;
GRANT SELECT(sha256) ON TABLE sheaf.deposit_document TO sheaf_auditor;
GRANT SELECT(name) ON TABLE sheaf.deposit_document TO sheaf_auditor;
GRANT SELECT(media_type) ON TABLE sheaf.deposit_document TO sheaf_auditor;
GRANT SELECT(size) ON TABLE sheaf.deposit_document TO sheaf_auditor;
GRANT SELECT,INSERT ON TABLE sheaf.deposit_document_view TO sheaf_api;
GRANT SELECT ON TABLE sheaf.deposit_document_view TO sheaf_auditor;
GRANT USAGE ON SEQUENCE sheaf.deposit_numbers TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.device TO sheaf_api;
GRANT SELECT ON TABLE sheaf.device TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.device TO sheaf_executor;
GRANT SELECT(id) ON TABLE sheaf.device TO sheaf_everywhere;
GRANT UPDATE(state) ON TABLE sheaf.device TO sheaf_api;
GRANT SELECT(state) ON TABLE sheaf.device TO sheaf_everywhere;
GRANT UPDATE(approved_by) ON TABLE sheaf.device TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.device TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.document TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.document_view TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.enrolment_code TO sheaf_api;
GRANT UPDATE(used_at) ON TABLE sheaf.enrolment_code TO sheaf_api;
GRANT SELECT ON TABLE sheaf.executor TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.executor TO sheaf_executor;
GRANT SELECT(id) ON TABLE sheaf.executor TO sheaf_auditor;
GRANT SELECT(beat_at) ON TABLE sheaf.executor TO sheaf_auditor;
GRANT UPDATE(beat_at) ON TABLE sheaf.executor TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.executor_position TO sheaf_api;
GRANT SELECT ON TABLE sheaf.executor_position TO sheaf_auditor;
GRANT SELECT,INSERT ON TABLE sheaf.executor_position TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.executor_position TO sheaf_statements;
GRANT UPDATE("position") ON TABLE sheaf.executor_position TO sheaf_executor;
GRANT UPDATE(beats) ON TABLE sheaf.executor_position TO sheaf_executor;
GRANT UPDATE(changed_at) ON TABLE sheaf.executor_position TO sheaf_executor;
GRANT USAGE ON SEQUENCE sheaf.funding_numbers TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.idempotency_key TO sheaf_api;
GRANT UPDATE(status) ON TABLE sheaf.idempotency_key TO sheaf_api;
GRANT UPDATE(reply) ON TABLE sheaf.idempotency_key TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.intent TO sheaf_api;
GRANT SELECT ON TABLE sheaf.intent TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.intent TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.intent TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.intent TO sheaf_statements;
GRANT UPDATE(state) ON TABLE sheaf.intent TO sheaf_api;
GRANT UPDATE(state) ON TABLE sheaf.intent TO sheaf_executor;
GRANT UPDATE(state) ON TABLE sheaf.intent TO sheaf_statements;
GRANT UPDATE(quorum) ON TABLE sheaf.intent TO sheaf_api;
GRANT UPDATE(hold_id) ON TABLE sheaf.intent TO sheaf_api;
GRANT UPDATE(failure_code) ON TABLE sheaf.intent TO sheaf_api;
GRANT UPDATE(failure_code) ON TABLE sheaf.intent TO sheaf_executor;
GRANT UPDATE(failure_code) ON TABLE sheaf.intent TO sheaf_statements;
GRANT UPDATE(failure_text) ON TABLE sheaf.intent TO sheaf_api;
GRANT UPDATE(failure_text) ON TABLE sheaf.intent TO sheaf_executor;
GRANT UPDATE(failure_text) ON TABLE sheaf.intent TO sheaf_statements;
GRANT UPDATE(expires_at) ON TABLE sheaf.intent TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.intent TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.intent TO sheaf_executor;
GRANT UPDATE(changed_at) ON TABLE sheaf.intent TO sheaf_statements;
GRANT UPDATE(version) ON TABLE sheaf.intent TO sheaf_api;
GRANT UPDATE(version) ON TABLE sheaf.intent TO sheaf_executor;
GRANT UPDATE(version) ON TABLE sheaf.intent TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.intent_charge TO sheaf_api;
GRANT SELECT ON TABLE sheaf.intent_charge TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.intent_charge TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.intent_charge TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.intent_event TO sheaf_api;
GRANT SELECT ON TABLE sheaf.intent_event TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.intent_event TO sheaf_everywhere;
GRANT SELECT,INSERT ON TABLE sheaf.intent_event TO sheaf_executor;
GRANT INSERT ON TABLE sheaf.intent_event TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.job TO sheaf_api;
GRANT SELECT ON TABLE sheaf.job TO sheaf_auditor;
GRANT SELECT,INSERT,UPDATE ON TABLE sheaf.job TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.job TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.key_canary TO sheaf_api;
GRANT SELECT ON TABLE sheaf.key_canary TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.key_canary TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.key_canary TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.last_proof TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.last_proof TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.last_proof TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.last_proof TO sheaf_statements;
GRANT UPDATE(at) ON TABLE sheaf.last_proof TO sheaf_auditor;
GRANT UPDATE(good) ON TABLE sheaf.last_proof TO sheaf_auditor;
GRANT UPDATE(told) ON TABLE sheaf.last_proof TO sheaf_auditor;
GRANT UPDATE(bad_since) ON TABLE sheaf.last_proof TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.ledger_account TO sheaf_api;
GRANT SELECT ON TABLE sheaf.ledger_account TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.ledger_account TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.ledger_account TO sheaf_statements;
GRANT INSERT(id) ON TABLE sheaf.ledger_account TO sheaf_api;
GRANT INSERT(id) ON TABLE sheaf.ledger_account TO sheaf_executor;
GRANT INSERT(id) ON TABLE sheaf.ledger_account TO sheaf_statements;
GRANT INSERT(branch_id) ON TABLE sheaf.ledger_account TO sheaf_api;
GRANT INSERT(branch_id) ON TABLE sheaf.ledger_account TO sheaf_executor;
GRANT INSERT(branch_id) ON TABLE sheaf.ledger_account TO sheaf_statements;
GRANT INSERT(name) ON TABLE sheaf.ledger_account TO sheaf_api;
GRANT INSERT(name) ON TABLE sheaf.ledger_account TO sheaf_executor;
GRANT INSERT(name) ON TABLE sheaf.ledger_account TO sheaf_statements;
GRANT INSERT(purpose) ON TABLE sheaf.ledger_account TO sheaf_api;
GRANT INSERT(purpose) ON TABLE sheaf.ledger_account TO sheaf_executor;
GRANT INSERT(purpose) ON TABLE sheaf.ledger_account TO sheaf_statements;
GRANT INSERT(member_id) ON TABLE sheaf.ledger_account TO sheaf_api;
GRANT INSERT(member_id) ON TABLE sheaf.ledger_account TO sheaf_executor;
GRANT INSERT(member_id) ON TABLE sheaf.ledger_account TO sheaf_statements;
GRANT INSERT(currency) ON TABLE sheaf.ledger_account TO sheaf_api;
GRANT INSERT(currency) ON TABLE sheaf.ledger_account TO sheaf_executor;
GRANT INSERT(currency) ON TABLE sheaf.ledger_account TO sheaf_statements;
GRANT INSERT(minimum) ON TABLE sheaf.ledger_account TO sheaf_api;
GRANT INSERT(minimum) ON TABLE sheaf.ledger_account TO sheaf_executor;
GRANT INSERT(minimum) ON TABLE sheaf.ledger_account TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.ledger_entry TO sheaf_api;
GRANT SELECT ON TABLE sheaf.ledger_entry TO sheaf_auditor;
GRANT SELECT,INSERT ON TABLE sheaf.ledger_entry TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.ledger_entry TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.ledger_hold TO sheaf_api;
GRANT SELECT ON TABLE sheaf.ledger_hold TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.ledger_hold TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.ledger_hold TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.ledger_transfer TO sheaf_api;
GRANT SELECT ON TABLE sheaf.ledger_transfer TO sheaf_auditor;
GRANT SELECT,INSERT ON TABLE sheaf.ledger_transfer TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.ledger_transfer TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.lifecycle_edges TO PUBLIC;
GRANT SELECT ON TABLE sheaf.lifecycle_initial TO PUBLIC;
GRANT SELECT ON TABLE sheaf.limit_take TO sheaf_api;
GRANT SELECT ON TABLE sheaf.limit_take TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.limit_usage TO sheaf_api;
GRANT SELECT ON TABLE sheaf.limit_usage TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.member TO sheaf_api;
GRANT SELECT ON TABLE sheaf.member TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.member TO sheaf_executor;
GRANT SELECT(id) ON TABLE sheaf.member TO sheaf_everywhere;
GRANT SELECT(branch_id) ON TABLE sheaf.member TO sheaf_everywhere;
GRANT SELECT(code) ON TABLE sheaf.member TO sheaf_everywhere;
GRANT SELECT(name) ON TABLE sheaf.member TO sheaf_everywhere;
GRANT SELECT(code_key) ON TABLE sheaf.member TO sheaf_everywhere;
GRANT SELECT(status) ON TABLE sheaf.member TO sheaf_everywhere;
GRANT UPDATE(version) ON TABLE sheaf.member TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.member TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.operation_token TO sheaf_api;
GRANT UPDATE(used_at) ON TABLE sheaf.operation_token TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.payment_route TO sheaf_api;
GRANT SELECT ON TABLE sheaf.payment_route TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.payment_route TO sheaf_executor;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE sheaf.process TO sheaf_api;
GRANT SELECT ON TABLE sheaf.process TO sheaf_auditor;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE sheaf.process TO sheaf_executor;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE sheaf.process TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.reconciliation TO sheaf_api;
GRANT SELECT ON TABLE sheaf.reconciliation TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.reconciliation TO sheaf_everywhere;
GRANT SELECT,INSERT,DELETE ON TABLE sheaf.reconciliation TO sheaf_statements;
GRANT SELECT(branch_id) ON TABLE sheaf.reconciliation TO sheaf_executor;
GRANT SELECT(statement_line_id) ON TABLE sheaf.reconciliation TO sheaf_executor;
GRANT UPDATE(statement_line_id) ON TABLE sheaf.reconciliation TO sheaf_statements;
GRANT SELECT(result) ON TABLE sheaf.reconciliation TO sheaf_executor;
GRANT UPDATE(result) ON TABLE sheaf.reconciliation TO sheaf_statements;
GRANT UPDATE(amount_expected) ON TABLE sheaf.reconciliation TO sheaf_statements;
GRANT UPDATE(amount_found) ON TABLE sheaf.reconciliation TO sheaf_statements;
GRANT UPDATE(reason) ON TABLE sheaf.reconciliation TO sheaf_statements;
GRANT UPDATE(date) ON TABLE sheaf.reconciliation TO sheaf_statements;
GRANT UPDATE(at) ON TABLE sheaf.reconciliation TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.refresh_token TO sheaf_api;
GRANT UPDATE(used_at) ON TABLE sheaf.refresh_token TO sheaf_api;
GRANT UPDATE(revoked_at) ON TABLE sheaf.refresh_token TO sheaf_api;
GRANT INSERT ON TABLE sheaf.refusal_log TO sheaf_api;
GRANT SELECT ON TABLE sheaf.refusal_log TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.restore_report TO sheaf_api;
GRANT SELECT ON TABLE sheaf.restore_report TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.restore_report TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.restore_witness TO sheaf_api;
GRANT SELECT ON TABLE sheaf.restore_witness TO sheaf_auditor;
GRANT SELECT,INSERT ON TABLE sheaf.restore_witness TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.restore_witness TO sheaf_statements;
GRANT UPDATE(restore_id) ON TABLE sheaf.restore_witness TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.revocation TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.sign_in_attempt TO sheaf_api;
GRANT SELECT ON TABLE sheaf.sign_in_attempt TO sheaf_auditor;
GRANT SELECT,INSERT ON TABLE sheaf.sign_off TO sheaf_api;
GRANT SELECT ON TABLE sheaf.sign_off TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.sign_off TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.sign_off TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.sign_off_item TO sheaf_api;
GRANT SELECT ON TABLE sheaf.sign_off_item TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.sign_off_item TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.sign_off_item TO sheaf_executor;
GRANT SELECT,INSERT ON TABLE sheaf.statement_fetch TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.statement_fetch TO sheaf_statements;
GRANT UPDATE(state) ON TABLE sheaf.statement_fetch TO sheaf_statements;
GRANT UPDATE(finished_at) ON TABLE sheaf.statement_fetch TO sheaf_statements;
GRANT UPDATE(files) ON TABLE sheaf.statement_fetch TO sheaf_statements;
GRANT UPDATE(lines) ON TABLE sheaf.statement_fetch TO sheaf_statements;
GRANT UPDATE(matched) ON TABLE sheaf.statement_fetch TO sheaf_statements;
GRANT UPDATE(problems) ON TABLE sheaf.statement_fetch TO sheaf_statements;
GRANT SELECT ON TABLE sheaf.statement_file TO sheaf_api;
GRANT SELECT,INSERT ON TABLE sheaf.statement_file TO sheaf_statements;
GRANT UPDATE(outcome) ON TABLE sheaf.statement_file TO sheaf_api;
GRANT UPDATE(outcome) ON TABLE sheaf.statement_file TO sheaf_statements;
GRANT UPDATE(problem) ON TABLE sheaf.statement_file TO sheaf_api;
GRANT UPDATE(problem) ON TABLE sheaf.statement_file TO sheaf_statements;
GRANT UPDATE(changed_at) ON TABLE sheaf.statement_file TO sheaf_api;
GRANT UPDATE(changed_at) ON TABLE sheaf.statement_file TO sheaf_statements;
GRANT UPDATE(problem_line) ON TABLE sheaf.statement_file TO sheaf_api;
GRANT UPDATE(problem_line) ON TABLE sheaf.statement_file TO sheaf_statements;
GRANT SELECT,INSERT ON TABLE sheaf.used_code TO sheaf_api;
GRANT SELECT,INSERT,DELETE ON TABLE sheaf.user_role TO sheaf_api;
GRANT SELECT ON TABLE sheaf.user_role TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.user_role TO sheaf_everywhere;
GRANT SELECT ON TABLE sheaf.user_role TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.void_approval TO sheaf_api;
GRANT SELECT ON TABLE sheaf.void_approval TO sheaf_auditor;
GRANT SELECT ON TABLE sheaf.void_approval TO sheaf_executor;
GRANT SELECT ON TABLE sheaf.void_approval TO sheaf_statements;
GRANT USAGE ON SEQUENCE sheaf.voucher_numbers TO sheaf_api;
GRANT SELECT,INSERT,UPDATE ON TABLE sheaf.write_probe TO sheaf_api;
GRANT SELECT,INSERT,UPDATE ON TABLE sheaf.write_probe TO sheaf_executor;
GRANT SELECT,INSERT,UPDATE ON TABLE sheaf.write_probe TO sheaf_statements;
