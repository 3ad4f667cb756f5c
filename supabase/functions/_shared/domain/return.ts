/** "Not me? Not charged.": how many portraits of a shoot may be returned; `private.return_limit` mirrors it. */
export const returnLimit = (delivered: number): number => Math.max(2, Math.floor(delivered / 5));

/** Days after its arrival in which a portrait can be returned. */
export const returnDays = 14;

/** Days after the payment in which a person can take back what is unused. */
export const refundDays = 14;

/** What a trained private model counts for, per cent of the price. */
export const modelShare = 30;

/** Days after which a shoot that failed is refunded by itself. */
export const undeliveredDays = 7;
