import type { ProductId } from '../domain/catalogue.js';

// The build publishes this type as the union of the catalogue's ids: what is published knows no other folder.

/** The id of a product. */
export type Product = ProductId;
