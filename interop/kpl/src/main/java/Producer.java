import com.google.common.util.concurrent.ListenableFuture;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * A KPL producer: it puts "record-I" with the key "key-(I mod 50)" for each I below COUNT, waits for all of them, and prints how many were stored.
 *
 * <p>Producer PORT STREAM COUNT plain|aggregated
 */
public class Producer {
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        KinesisProducerConfiguration config = new KinesisProducerConfiguration()
                .setKinesisEndpoint("127.0.0.1").setKinesisPort(port)
                .setCloudwatchEndpoint("127.0.0.1").setCloudwatchPort(port)
                .setStsEndpoint("127.0.0.1").setStsPort(port)
                .setVerifyCertificate(false)
                .setRegion("us-east-1")
                .setMetricsLevel("none")
                .setRateLimit(10_000)
                .setRecordMaxBufferedTime(50)
                .setAggregationEnabled(args[3].equals("aggregated"))
                .setCredentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("weir", "weir")));
        KinesisProducer producer = new KinesisProducer(config);
        List<ListenableFuture<UserRecordResult>> results = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[2]); i++) {
            results.add(producer.addUserRecord(args[1], "key-" + i % 50, ByteBuffer.wrap(("record-" + i).getBytes(StandardCharsets.UTF_8))));
        }
        producer.flushSync();
        int stored = 0;
        for (ListenableFuture<UserRecordResult> result : results) {
            if (result.get().isSuccessful()) {
                stored++;
            }
        }
        System.out.println("stored " + stored);
        producer.destroy();
        System.exit(0);
    }
}
