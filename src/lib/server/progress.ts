import type { SupabaseClient } from '@supabase/supabase-js';
import type { GenerationStatus } from '#domain/generation.ts';
import type { ShootStatus } from '#domain/shoot.ts';
import type { TrainingStatus } from '#domain/training.ts';
import type { Database } from '#store/database.types.ts';
import { dataOf, rowOf } from './answer.ts';

export type Progress = {
	status: ShootStatus;
	failure: string | null;
	training: { status: TrainingStatus; percent: number | null; position: number | null } | null;
	counts: Record<GenerationStatus, number>;
	/** Ids of the portraits that are here, in the order of the gallery. */
	arrivals: string[];
};

/**
 * Where a shoot stands. All arrivals each time: rows that are written side by side come to light out
 * of order, so "those after the last one seen" would miss some.
 */
export async function readProgress(
	supabase: SupabaseClient<Database>,
	shootId: string,
): Promise<Progress> {
	const [shoot, training, generations, headshots] = await Promise.all([
		supabase.from('shoots').select('status, failure').eq('id', shootId).maybeSingle(),
		supabase
			.from('trainings')
			.select('status, progress_percent, queue_position')
			.eq('shoot_id', shootId)
			.order('created_at', { ascending: false })
			.limit(1)
			.maybeSingle(),
		supabase.from('generations').select('status').eq('shoot_id', shootId).is('edit', null),
		supabase
			.from('headshots')
			.select('id')
			.eq('shoot_id', shootId)
			.order('created_at')
			.order('id')
			.limit(1000),
	]);
	const { status, failure } = rowOf(shoot);
	const counts = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
	for (const row of dataOf(generations)) counts[row.status as GenerationStatus] += 1;
	if (training.error) throw new Error(training.error.message);

	return {
		status: status as ShootStatus,
		failure,
		training: training.data && {
			status: training.data.status as TrainingStatus,
			percent: training.data.progress_percent,
			position: training.data.queue_position,
		},
		counts,
		arrivals: dataOf(headshots).map((row) => row.id),
	};
}
