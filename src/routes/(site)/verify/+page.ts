/** The one page of the site with a script: the picture is looked at in the browser, or not at all. */
export const csr = true;
