// What pages do better with JavaScript. Each works without.
"use strict";
