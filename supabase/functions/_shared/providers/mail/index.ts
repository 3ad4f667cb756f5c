/** Mail through a service with Resend's API: text and plain HTML, no picture, no tracking. */
export { resendMailer } from './resend.ts';
export type { ResendConfig } from './resend.ts';
