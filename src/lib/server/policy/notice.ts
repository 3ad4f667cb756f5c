/** Whether somebody is still to be told that the policy has changed since they came. */
import { policyInForce } from '#domain/privacy/policy.ts';
import { env } from '../env.ts';
import { longDay } from './page.ts';

export type PolicyNotice = { version: string; day: string; summary: string };

/**
 * Null: told already, or here only since this policy. A question that is not answered is not worth the
 * page: then nothing is shown, and it is asked again with the next one.
 */
export async function readPolicyNotice(
	supabase: App.Locals['supabase'],
): Promise<PolicyNotice | null> {
	const { version, summary } = policyInForce(env().PROFILE);
	const { data } = await supabase
		.from('profiles')
		.select('created_at, policy_notices(version)')
		.eq('policy_notices.version', version)
		.maybeSingle();
	if (!data || data.policy_notices.length > 0) return null;
	return new Date(data.created_at) < new Date(version)
		? { version, day: longDay(version), summary }
		: null;
}
