/** Trainings and generations: what is asked of a provider, and what became of it. */
import { z } from 'zod';
import { editKinds } from '../domain/edit.ts';
import { engines } from '../domain/engine.ts';
import type { Try } from '../domain/generation.ts';
import type { ProviderRequest } from '../domain/provider-request.ts';
import type { Store } from '../domain/store.ts';
import { type Call, nothing, time } from './call.ts';
import { gathered } from './gathered.ts';
import { photo } from './photos.ts';

const status = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);

export const request = z.object({
	endpoint: z.string(),
	requestId: z.string(),
	statusUrl: z.string(),
	responseUrl: z.string(),
	cancelUrl: z.string(),
});

export const trainingWork = z.object({
	id: z.uuid(),
	ownerId: z.uuid(),
	shootId: z.uuid(),
	status,
	triggerPhrase: z.string(),
	datasetKey: z.string(),
	loraKey: z.string(),
	photos: z.array(photo),
	submittedAt: time.nullable(),
	request: request.nullable(),
	isPermitted: z.boolean(),
});

export const generationWork = z.object({
	id: z.uuid(),
	ownerId: z.uuid(),
	shootId: z.uuid(),
	status,
	engine: z.enum(engines),
	edit: z.enum(editKinds).nullable(),
	prompt: z.string(),
	loraKey: z.string().nullable(),
	seed: z.number().int(),
	width: z.number().int(),
	height: z.number().int(),
	references: z.array(
		z.object({
			bucket: z.enum(['photos', 'headshots']),
			storageKey: z.string(),
			contentType: z.string(),
		}),
	),
	attempt: z.number().int(),
	headshotKey: z.string(),
	thumbnailKey: z.string(),
	submittedAt: time.nullable(),
	request: request.nullable(),
	isPermitted: z.boolean(),
});

const addresses = (request: ProviderRequest) => ({
	p_endpoint: request.endpoint,
	p_request_id: request.requestId,
	p_status_url: request.statusUrl,
	p_response_url: request.responseUrl,
	p_cancel_url: request.cancelUrl,
});

type Requests = Pick<
	Store,
	| 'trainingWork'
	| 'beginTrainingSubmit'
	| 'recordTrainingRequest'
	| 'clearTrainingSubmit'
	| 'noteTrainingProgress'
	| 'recordLora'
	| 'failTraining'
	| 'planHeadshots'
	| 'generationWork'
	| 'beginGenerationSubmit'
	| 'recordGenerationRequest'
	| 'clearGenerationSubmit'
	| 'planEdit'
	| 'beginPortrait'
	| 'recordAnswer'
	| 'workOpensIn'
	| 'deliverHeadshot'
	| 'failGeneration'
	| 'recordForgotten'
	| 'requestsToForget'
>;

type Forgotten = { request_id: string; evidence: unknown };

export function requests(call: Call): Requests {
	const training = (id: string) => ({ p_training_id: id });
	const generation = (id: string) => ({ p_generation_id: id });
	const oneTry = ({ id, attempt }: Try) => ({ ...generation(id), p_attempt: attempt });
	const recordForgotten = gathered(async (answers: readonly Forgotten[]) => {
		await call('record_all_forgotten', { p_answers: answers }, nothing);
		return answers.map(() => undefined);
	});
	return {
		trainingWork: (id) => call('training_work', training(id), trainingWork),
		beginTrainingSubmit: (id) => call('begin_training_submit', training(id), z.boolean()),
		recordTrainingRequest: (id, request) =>
			call('record_training_request', { ...training(id), ...addresses(request) }, z.boolean()),
		clearTrainingSubmit: (id) => call('clear_training_submit', training(id), nothing),
		noteTrainingProgress: (id, position, percent) =>
			call(
				'note_training_progress',
				{ ...training(id), p_position: position, p_percent: percent },
				nothing,
			),
		recordLora: (id, { bytes, sha256 }) =>
			call('record_lora', { ...training(id), p_bytes: bytes, p_sha256: sha256 }, nothing),
		failTraining: (id, code) => call('fail_training', { ...training(id), p_code: code }, nothing),

		planHeadshots: (ownerId, { shootId, styleIds, count, requestId }) =>
			call(
				'plan_headshots',
				{
					p_owner_id: ownerId,
					p_shoot_id: shootId,
					p_style_ids: styleIds,
					p_count: count,
					p_request_id: requestId,
				},
				z.number().int(),
			),
		generationWork: (id) => call('generation_work', generation(id), generationWork),
		beginGenerationSubmit: (id) =>
			call('begin_generation_submit', generation(id), generationWork.nullable()),
		recordGenerationRequest: (of, request) =>
			call('record_generation_request', { ...oneTry(of), ...addresses(request) }, z.boolean()),
		clearGenerationSubmit: (of) => call('clear_generation_submit', oneTry(of), nothing),
		planEdit: (ownerId, { headshotId, edit, styleId, requestId }) =>
			call(
				'plan_edit',
				{
					p_owner_id: ownerId,
					p_headshot_id: headshotId,
					p_edit: edit,
					p_style_id: styleId,
					p_request_id: requestId,
				},
				z.uuid(),
			),
		beginPortrait: (id, model) =>
			call('begin_portrait', { ...generation(id), p_model: model }, generationWork.nullable()),
		recordAnswer: (id, attempt, outcome, pauseSeconds) =>
			call(
				'record_answer',
				{
					...generation(id),
					p_attempt: attempt,
					p_outcome: outcome,
					p_pause_seconds: pauseSeconds,
				},
				nothing,
			),
		workOpensIn: (capacity, perMinute, patienceSeconds) =>
			call(
				'work_opens_in',
				{
					p_capacity: capacity,
					p_per_minute: perMinute,
					p_patience_seconds: patienceSeconds,
				},
				z.number().nullable(),
			),
		deliverHeadshot: (of, { width, height, picture, contentType, thumbnail }) =>
			call(
				'deliver_headshot',
				{
					...oneTry(of),
					p_width: width,
					p_height: height,
					p_bytes: picture.bytes,
					p_sha256: picture.sha256,
					p_thumbnail_bytes: thumbnail.bytes,
					p_thumbnail_sha256: thumbnail.sha256,
					p_content_type: contentType,
				},
				z.boolean(),
			),
		failGeneration: (of, reason, retry) =>
			call('fail_generation', { ...oneTry(of), p_reason: reason, p_retry: retry }, nothing),

		recordForgotten: (requestId, evidence) => recordForgotten({ request_id: requestId, evidence }),
		requestsToForget: (shootId) =>
			call('requests_to_forget', { p_shoot_id: shootId }, z.array(z.string())),
	};
}
