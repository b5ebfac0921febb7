import { type Driver, sqliteDriver } from "../../src/store/driver.js";

const driver = sqliteDriver();
if (!driver.ok) throw new Error(JSON.stringify(driver.error));

/** The library that the store uses, for tests that look into a database or harm one. */
export const Database: Driver = driver.value;
