package dev.weft.ffm.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DpdkAbiTest {

    @TempDir
    private Path directory;

    @Test
    void shouldRefuseAnUnknownAbiByName() {
        WeftException refused = assertThrows(WeftException.DataPathUnavailable.class, () -> DpdkAbi.of(22));
        assertTrue(refused.getMessage().contains("ABI 22") && refused.getMessage().contains("22.11 (ABI 23)")
                && refused.getMessage().contains("25.11 (ABI 26)"), refused.getMessage());
    }

    @Test
    void shouldKnowTheLongTermReleases() {
        assertEquals(List.of("22.11", "23.11", "24.11", "25.11"), Arrays.stream(DpdkAbi.values()).map(DpdkAbi::release).toList());
    }

    @Test
    @Tag("privileged")
    void shouldStateTheOffsetsOfTheInstalledHeaders() throws Exception {
        Map<String, String> headers = compileAndRun();
        DpdkAbi abi = DpdkLibraries.find().abi();
        Map<String, String> stated = new HashMap<>();
        stated.put("release", abi.release());
        stated.put("headroom", Integer.toString(MbufLayout.HEADROOM));
        put(stated, "rte_eth_fp_ops", DpdkAbi.FpOps.SIZE);
        put(stated, "rte_eth_fp_ops.rx_pkt_burst", abi.fpOps().rxPktBurst());
        put(stated, "rte_eth_fp_ops.rxq", abi.fpOps().rxq());
        put(stated, "rte_eth_fp_ops.tx_pkt_burst", abi.fpOps().txPktBurst());
        put(stated, "rte_eth_fp_ops.txq", abi.fpOps().txq());
        put(stated, "rte_mbuf.buf_addr", MbufLayout.BUF_ADDR);
        put(stated, "rte_mbuf.data_off", MbufLayout.DATA_OFF);
        put(stated, "rte_mbuf.refcnt", MbufLayout.REFCNT);
        put(stated, "rte_mbuf.nb_segs", MbufLayout.NB_SEGS);
        put(stated, "rte_mbuf.port", MbufLayout.PORT);
        put(stated, "rte_mbuf.ol_flags", MbufLayout.OL_FLAGS);
        put(stated, "rte_mbuf.packet_type", MbufLayout.PACKET_TYPE);
        put(stated, "rte_mbuf.pkt_len", MbufLayout.PKT_LEN);
        put(stated, "rte_mbuf.data_len", MbufLayout.DATA_LEN);
        put(stated, "rte_mbuf.buf_len", MbufLayout.BUF_LEN);
        put(stated, "rte_mbuf.pool", MbufLayout.POOL);
        put(stated, "rte_mbuf.tx_offload", MbufLayout.TX_OFFLOAD);
        put(stated, "rte_mbuf.next", abi.mbufNext());
        put(stated, "rte_mempool.ops_index", MbufLayout.POOL_DATA_OPS_INDEX);
        put(stated, "rte_mempool.flags", MbufLayout.POOL_FLAGS);
        put(stated, "rte_mempool.elt_size", MbufLayout.POOL_ELT_SIZE);
        put(stated, "rte_mempool.header_size", MbufLayout.POOL_HEADER_SIZE);
        put(stated, "rte_mempool.populated_size", MbufLayout.POOL_POPULATED_SIZE);
        put(stated, "rte_mempool.nb_mem_chunks", MbufLayout.POOL_MEM_CHUNKS);
        put(stated, "rte_mempool.mem_list", MbufLayout.POOL_MEM_LIST);
        put(stated, "rte_mempool_memhdr.addr", MbufLayout.MEMHDR_ADDR);
        put(stated, "rte_mempool_ops_table.ops", MbufLayout.OPS_FIRST);
        put(stated, "rte_mempool_ops", MbufLayout.OPS_SIZE);
        put(stated, "rte_mempool_ops.enqueue", MbufLayout.OPS_ENQUEUE);
        put(stated, "rte_mempool_ops.dequeue", MbufLayout.OPS_DEQUEUE);
        put(stated, "rte_eth_conf", abi.ethConfSize());
        put(stated, "rte_eth_conf.rxmode.mq_mode", EthLayout.CONF_MQ_MODE);
        put(stated, "rte_eth_conf.rx_adv_conf.rss_conf.rss_hf", EthLayout.CONF_RSS_HASHES);
        put(stated, "RTE_ETH_MQ_RX_RSS", EthLayout.MQ_RX_RSS);
        put(stated, "rte_eth_dev_info", EthLayout.INFO_SIZE);
        put(stated, "rte_eth_dev_info.max_rx_queues", abi.maxQueues());
        put(stated, "rte_eth_dev_info.max_tx_queues", abi.maxQueues() + Short.BYTES);
        put(stated, "rte_eth_dev_info.flow_type_rss_offloads", EthLayout.INFO_RSS_OFFLOADS);
        stated.put("rss", Long.toString(Rss.of(-1)));
        assertEquals(headers, stated);
    }

    private static void put(Map<String, String> map, String name, int value) {
        map.put(name, Integer.toString(value));
    }

    private Map<String, String> compileAndRun() throws IOException, InterruptedException {
        Path source = directory.resolve("offsets.c");
        try (InputStream code = getClass().getResourceAsStream("offsets.c")) {
            Files.write(source, code.readAllBytes());
        }
        Path program = directory.resolve("offsets");
        List<String> compile = new ArrayList<>(List.of("gcc", "-o", program.toString(), source.toString()));
        compile.addAll(List.of(run("pkg-config", "--cflags", "libdpdk").strip().split("\\s+")));
        run(compile.toArray(String[]::new));
        Map<String, String> offsets = new HashMap<>();
        run(program.toString()).lines().map(line -> line.split("=")).forEach(pair -> offsets.put(pair[0], pair[1]));
        return offsets;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + output);
        return output;
    }
}
