<?php

namespace Modules\CsmDrafts\Providers;

use Illuminate\Support\ServiceProvider;
use Modules\CsmDrafts\Support\SendGuard;

class CsmDraftsServiceProvider extends ServiceProvider
{
    protected $defer = false;

    public function boot()
    {
        SendGuard::register();
    }

    public function register()
    {
    }

    public function provides()
    {
        return [];
    }
}
