import type { SupabaseClient } from '@supabase/supabase-js';
import type { GenerationStatus } from '#domain/generation.ts';
import type { ShootStatus } from '#domain/shoot.ts';
import type { TrainingStatus } from '#domain/training.ts';
import type { Database } from '#store/database.types.ts';
import { dataOf, rowOf } from './answer.ts';
import { signedUrls } from './shoots.ts';

export type Arrival = { id: string; number: number; createdAt: string; url: string };

export type Progress = {
	status: ShootStatus;
	failure: string | null;
	training: { status: TrainingStatus; percent: number | null; position: number | null } | null;
	counts: Record<GenerationStatus, number>;
	/** Thumbnails of the portraits that arrived after `after`, oldest first. */
	arrivals: Arrival[];
};

/**
 * Where a shoot stands, and what has arrived since the frame number `after` (0: everything).
 * Frame numbers count from 1 in order of arrival; a deleted portrait keeps its number out of use
 * only until the page is opened again.
 */
export async function readProgress(
	supabase: SupabaseClient<Database>,
	shootId: string,
	after: number,
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
		supabase.from('generations').select('status').eq('shoot_id', shootId),
		supabase
			.from('headshots')
			.select('id, thumbnail_key, created_at')
			.eq('shoot_id', shootId)
			.order('created_at')
			.order('id')
			.range(after, after + 999),
	]);
	const { status, failure } = rowOf(shoot);
	const rows = dataOf(headshots);
	const urls = await signedUrls(
		supabase,
		'headshots',
		rows.map((row) => row.thumbnail_key),
	);
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
		arrivals: rows.flatMap((row, index) => {
			const url = urls.get(row.thumbnail_key);
			return url ? [{ id: row.id, number: after + index + 1, createdAt: row.created_at, url }] : [];
		}),
	};
}
