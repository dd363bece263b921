using Runs.Samples.Worker;
using Runs.Worker;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSingleton(new ReportFolder(builder.Configuration["REPORTS"] ?? "reports"));
builder.Services.AddRunsWorker(worker => worker.Handle<QuarterlyReport>());
await builder.Build().RunAsync();
