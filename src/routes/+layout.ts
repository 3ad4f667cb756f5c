/** Pages are complete as HTML and send no script; the studio turns it on for its own. */
export const csr = false;
