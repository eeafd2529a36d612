<?php

// FreeScout runs this file when the module is active.

if (!app()->routesAreCached()) {
    require __DIR__.'/Http/routes.php';
}
