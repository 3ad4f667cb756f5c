import { type ReceiptStage, receiptStages } from '#domain/privacy/receipt.ts';

export const match = (param: string): param is ReceiptStage =>
	receiptStages.some((stage) => stage === param);
