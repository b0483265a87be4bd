import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * A KCL application. It prints "record SHARD KEY DATA" for each record, "end SHARD" for each shard that it has read to its end, and stops when its
 * standard input ends.
 *
 * <p>Consumer ENDPOINT STREAM APPLICATION polling|fan-out
 */
public class Consumer {
    public static void main(String[] args) throws Exception {
        URI endpoint = URI.create(args[0]);
        String stream = args[1];
        String application = args[2];
        KinesisAsyncClient kinesis = at(endpoint, KinesisAsyncClient.builder()).build();
        DynamoDbAsyncClient dynamodb = at(endpoint, DynamoDbAsyncClient.builder()).build();
        CloudWatchAsyncClient cloudwatch = at(endpoint, CloudWatchAsyncClient.builder()).build();
        ConfigsBuilder configs = new ConfigsBuilder(
                new SingleStreamTracker(stream, InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON)),
                application, kinesis, dynamodb, cloudwatch, UUID.randomUUID().toString(), Printer::new);
        RetrievalSpecificConfig retrieval = args[3].equals("fan-out")
                ? new FanOutConfig(kinesis).streamName(stream).applicationName(application)
                : new PollingConfig(stream, kinesis).idleTimeBetweenReadsInMillis(300);
        Scheduler scheduler = new Scheduler(
                configs.checkpointConfig(),
                configs.coordinatorConfig().parentShardPollIntervalMillis(500).shardConsumerDispatchPollIntervalMillis(200),
                configs.leaseManagementConfig().failoverTimeMillis(1000).leaseAssignmentIntervalMillis(1000L).shardSyncIntervalMillis(1000)
                        .leasesRecoveryAuditorExecutionFrequencyMillis(2000),
                configs.lifecycleConfig(),
                configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
                configs.processorConfig(),
                configs.retrievalConfig().retrievalSpecificConfig(retrieval));
        Thread thread = new Thread(scheduler);
        thread.setDaemon(true);
        thread.start();
        while (System.in.read() >= 0) {
            // until it ends
        }
        scheduler.startGracefulShutdown().get();
        System.exit(0);
    }

    private static <B extends AwsAsyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> B at(URI endpoint, B builder) {
        return builder.endpointOverride(endpoint).region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("weir", "weir")))
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1).connectionTimeout(Duration.ofSeconds(5)));
    }

    private static class Printer implements ShardRecordProcessor {
        private String shard;

        @Override
        public void initialize(InitializationInput input) {
            shard = input.shardId();
        }

        @Override
        public void processRecords(ProcessRecordsInput input) {
            for (KinesisClientRecord record : input.records()) {
                System.out.println("record " + shard + " " + record.partitionKey() + " " + StandardCharsets.UTF_8.decode(record.data()));
            }
            System.out.flush();
            checkpoint(input.checkpointer()::checkpoint);
        }

        @Override
        public void leaseLost(LeaseLostInput input) {
            System.out.println("lost " + shard);
        }

        @Override
        public void shardEnded(ShardEndedInput input) {
            checkpoint(input.checkpointer()::checkpoint);
            System.out.println("end " + shard);
        }

        @Override
        public void shutdownRequested(ShutdownRequestedInput input) {
            checkpoint(input.checkpointer()::checkpoint);
        }

        private interface Checkpoint {
            void run() throws InvalidStateException, ShutdownException;
        }

        private void checkpoint(Checkpoint checkpoint) {
            try {
                checkpoint.run();
            } catch (InvalidStateException | ShutdownException e) {
                System.err.println("checkpoint of " + shard + ": " + e);
            }
        }
    }
}
