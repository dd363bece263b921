using Runs.FaultInjection;

return args switch
{
    ["torture", .. var options] => await FaultInjectionCommand.Run(options),
    _ => ShowUsage(),
};

static int ShowUsage()
{
    Console.Error.WriteLine("usage: torture [options]   (torture --help)");
    return 2;
}
