// The page where one signs up.

import { followName } from "./parts/short_name.js";

const form = document.getElementById("sign-up");
if (form instanceof HTMLFormElement) followName(form, ["first_name", "username"]);
