/** Whether somebody is still to be told that the policy has changed since they came. */
import { policyInForce } from '#domain/privacy/policy.ts';
import { env } from '../env.ts';
import { longDay } from './page.ts';

export type PolicyNotice = { version: string; day: string; summary: string };

/**
 * Null: told already, or here only since this policy. A question that is not answered is not worth the
 * page: then nothing is shown, and it is asked again with the next one.
 */
export async function readPolicyNotice({
	supabase,
	user,
}: App.Locals): Promise<PolicyNotice | null> {
	const { version, summary } = policyInForce(env().PROFILE);
	if (!user || user.createdAt >= new Date(version)) return null;
	const { data: told, error } = await supabase
		.from('policy_notices')
		.select('version')
		.eq('version', version)
		.maybeSingle();
	return told || error ? null : { version, day: longDay(version), summary };
}
