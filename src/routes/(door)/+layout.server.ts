/** The doors work without a script. */
export const csr = false;
