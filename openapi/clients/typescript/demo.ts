// Shared by both TypeScript jobs: the JSON that the demonstration prints, dates, assertions.
import { readFileSync } from "node:fs";

export interface Demo {
  url: string;
  services: { id: string; name: string }[];
  clients: { client_id: string; client_secret: string }[];
}

export const demo = JSON.parse(readFileSync(0, "utf8")) as Demo;

export function day(yearsAgo = 0): string {
  const date = new Date();
  date.setFullYear(date.getFullYear() - yearsAgo);
  return iso(date);
}

// Kits are lent on working days.
export function nextMonday(): string {
  const date = new Date();
  date.setDate(date.getDate() + 7 - ((date.getDay() + 6) % 7));
  return iso(date);
}

function iso(date: Date): string {
  // The local date (`check` sets the time zone). The Swedish format is that of ISO 8601.
  return date.toLocaleDateString("sv-SE");
}

export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`expected ${what}`);
}

export function there<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`expected ${what}`);
  return value;
}
