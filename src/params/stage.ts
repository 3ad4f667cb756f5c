import type { ReceiptStage } from '#domain/privacy/erasure.ts';

// A matcher travels to every page: it brings types along, and no module.
const stages: Record<ReceiptStage, true> = { active_erased: true, final: true };

export const match = (param: string): param is ReceiptStage => Object.hasOwn(stages, param);
