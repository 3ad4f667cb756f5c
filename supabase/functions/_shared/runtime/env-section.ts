/** A vendor's section, or the names of what is missing: then its doors are closed (503), all of them. */
export type Section<T> = ({ isOpen: true } & T) | { isOpen: false; missing: string[] };
