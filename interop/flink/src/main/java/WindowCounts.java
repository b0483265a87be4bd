import java.time.Duration;
import java.util.Properties;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.kinesis.sink.KinesisStreamsSink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.timestamps.BoundedOutOfOrdernessTimestampExtractor;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer;
import org.apache.flink.util.Collector;

/**
 * A Flink job that reads lines "KEY EVENT-TIME-MS" from one stream, counts them by key in windows of ten seconds, and writes lines "START KEY COUNT" to
 * another. It runs until it is stopped.
 *
 * <p>WindowCounts ENDPOINT FROM TO polling|fan-out
 */
public class WindowCounts {
    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
        DataStream<String> lines = env.addSource(source(args), "from");
        lines.keyBy(line -> line.split(" ")[0])
                .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
                .aggregate(new Count(), new Line())
                .sinkTo(sink(args));
        env.execute("window counts");
    }

    private static FlinkKinesisConsumer<String> source(String[] args) {
        Properties properties = client(args[0]);
        properties.setProperty("flink.stream.initpos", "TRIM_HORIZON");
        properties.setProperty("flink.shard.getrecords.intervalmillis", "250");
        if (args[3].equals("fan-out")) {
            properties.setProperty("flink.stream.recordpublisher", "EFO");
            properties.setProperty("flink.stream.efo.consumername", "flink");
        }
        FlinkKinesisConsumer<String> source = new FlinkKinesisConsumer<>(args[1], new SimpleStringSchema(), properties);
        source.setPeriodicWatermarkAssigner(new EventTime()); // a watermark a shard, of which the smallest counts
        return source;
    }

    private static class EventTime extends BoundedOutOfOrdernessTimestampExtractor<String> {
        EventTime() {
            super(Time.seconds(1));
        }

        @Override
        public long extractTimestamp(String line) {
            return Long.parseLong(line.split(" ")[1]);
        }
    }

    private static KinesisStreamsSink<String> sink(String[] args) {
        return KinesisStreamsSink.<String>builder()
                .setKinesisClientProperties(client(args[0]))
                .setSerializationSchema(new SimpleStringSchema())
                .setPartitionKeyGenerator(line -> line)
                .setStreamName(args[2])
                .setMaxTimeInBufferMS(200)
                .build();
    }

    private static Properties client(String endpoint) {
        Properties properties = new Properties();
        properties.setProperty("aws.region", "us-east-1");
        properties.setProperty("aws.endpoint", endpoint);
        properties.setProperty("aws.credentials.provider", "BASIC");
        properties.setProperty("aws.credentials.provider.basic.accesskeyid", "weir");
        properties.setProperty("aws.credentials.provider.basic.secretkey", "weir");
        return properties;
    }

    private static class Count implements AggregateFunction<String, Long, Long> {
        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(String line, Long count) {
            return count + 1;
        }

        @Override
        public Long getResult(Long count) {
            return count;
        }

        @Override
        public Long merge(Long a, Long b) {
            return a + b;
        }
    }

    private static class Line extends ProcessWindowFunction<Long, String, String, TimeWindow> {
        @Override
        public void process(String key, Context context, Iterable<Long> counts, Collector<String> out) {
            out.collect(context.window().getStart() + " " + key + " " + counts.iterator().next());
        }
    }
}
